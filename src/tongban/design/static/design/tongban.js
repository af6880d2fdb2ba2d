/* What script adds to pages that work without it. No framework, no inline code. */
"use strict";
