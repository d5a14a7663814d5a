/** Takes a text along. Rejects where the browser refuses: pages that are not secure have no clipboard at all. */
export async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
