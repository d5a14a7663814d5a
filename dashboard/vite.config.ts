/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressed } from "./plugins/compressed.ts";

const SERVER = "http://127.0.0.1:1956";
const SERVED = ["/api/v1", "/chat", "/upload", "/start", "/media", "/m/", "/sandbox", "/vac", "/sign-in/oidc"];

const language = (id: string) => `language-${/\/i18n\/([a-z]+)\//.exec(id)?.[1] ?? ""}`;

/** The parts that the frame and the inbox show; others come with the pages that use them. */
const RADIX =
  "primitive|react-(alert-dialog|arrow|checkbox|collection|compose-refs|context|dialog|direction|dismissable-layer|dropdown-menu|focus-guards|focus-scope|id|menu|popover|popper|portal|presence|primitive|roving-focus|slot|tooltip|use-.*|visually-hidden)";

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  server: {
    port: 1957,
    // Host and Origin stay this server's, so that the API sees one site.
    proxy: Object.fromEntries(SERVED.map((path) => [path, { target: SERVER, changeOrigin: false }])),
  },
  build: {
    outDir: "../src/frontdesk/web/dashboard",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome120", "firefox121", "safari17.4"],
    // Nothing inline: the page's Content-Security-Policy loads files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // One file for a language, and not one for each part of it.
        codeSplitting: {
          groups: [
            { name: (id) => language(id), test: /\/i18n\/(?!en\/)[a-z]+\/.*\.json$/ },
            // What every page loads, in few files: one for each icon would cost more than it weighs.
            { name: "react", test: /\/node_modules\/(react|react-dom|scheduler)\// },
            { name: "vendor", test: /\/node_modules\/(@tanstack|@floating-ui|lucide-react|get-nonce)\// },
            { name: "vendor", test: new RegExp(`/node_modules/@radix-ui/(${RADIX})/`) },
            { name: "shared", test: /\/src\/(lib|components\/ui)\/|\/i18n\/en\/(?!audience|campaigns|outreach|settings)/ },
          ],
        },
      },
    },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/test-setup.ts"] },
});
