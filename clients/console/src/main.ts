/** The page at `/`. */

import "./console.js";
