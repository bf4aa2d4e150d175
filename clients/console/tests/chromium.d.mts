import type { Browser } from "playwright-core";

export declare const CHROMIUM: string | undefined;
export declare function browse(...words: string[]): Promise<Browser>;
