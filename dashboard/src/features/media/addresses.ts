/** Where a file is shown from: this server, whatever name it is reached by. */

/** The server writes its public address; the page may be open under another name of it, and its
 *  cookie and its content policy hold for that name only. */
export function ownAddress(url: string | null | undefined): string | undefined {
  if (!url) return undefined;
  if (url.startsWith("blob:")) return url;
  try {
    const { pathname, search } = new URL(url, window.location.origin);
    return /^\/(media|conversation-media)\//.test(pathname) ? pathname + search : undefined;
  } catch {
    return undefined;
  }
}
