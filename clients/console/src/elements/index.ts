/** Every element; importing this defines them all. */

export {};
