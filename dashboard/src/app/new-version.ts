/** After an upgrade the server no longer has the files that an old page asks for. */
const LATELY_MS = 20_000;
const KEY = "frontdesk-reloaded";

/** Reloads when a part cannot be loaded; once in a while, so that a broken build does not loop. */
export function reloadOnNewVersion(): void {
  addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < LATELY_MS || !navigator.onLine) return;
    event.preventDefault();
    sessionStorage.setItem(KEY, String(Date.now()));
    location.reload();
  });
}
