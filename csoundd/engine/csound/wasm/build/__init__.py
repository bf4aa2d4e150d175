"""Installing the embedded engine: two npm packages become a module that wasmtime runs."""
