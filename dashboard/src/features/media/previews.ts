/** Local pictures of files that were just sent from here, shown until the server's are loaded. */

const MOST = 40;
const previews = new Map<string, string>();

/** From now on the object URL is this module's to revoke. */
export function keepPreview(mediaId: string | undefined, url: string): void {
  if (!mediaId) {
    URL.revokeObjectURL(url);
    return;
  }
  previews.set(mediaId, url);
  const [oldest] = previews;
  if (previews.size > MOST && oldest) {
    previews.delete(oldest[0]);
    URL.revokeObjectURL(oldest[1]);
  }
}

export function localPreview(mediaId: string): string | undefined {
  return previews.get(mediaId);
}
