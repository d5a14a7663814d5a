/** The response's nonce, for style elements that libraries make: the page's policy takes no others. */
import { setNonce } from "get-nonce";

export const NONCE = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

export function startNonce(): void {
  if (NONCE) setNonce(NONCE);
}
