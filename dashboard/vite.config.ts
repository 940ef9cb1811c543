// Builds the pages into the room that serves them. Names have no digests: nothing is cached, and differences stay small.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  build: {
    outDir: "../runtime/weft/runtime/serving/static",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: { entryFileNames: "pages.js", chunkFileNames: "[name].js", assetFileNames: "pages[extname]" },
    },
  },
});
