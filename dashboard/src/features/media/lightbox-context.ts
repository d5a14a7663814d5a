/** How a picture asks to be shown large. */

import { createContext, useContext } from "react";
import type { Attachment } from "@/api/types";

export const LightboxContext = createContext<(attachment: Attachment) => void>(() => undefined);

export function useLightbox(): (attachment: Attachment) => void {
  return useContext(LightboxContext);
}
