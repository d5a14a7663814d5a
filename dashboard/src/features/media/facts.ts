/** What is told of a file beside its name. */

import type { Attachment } from "@/api/types";
import { formatBytes, formatDuration, useT } from "@/lib/i18n";

/** "3 pages", "2.4 MB", "PDF". */
export function useFacts(attachment: Attachment): string[] {
  const t = useT();
  const extension = /\.([a-z0-9]{1,5})$/i.exec(attachment.filename)?.[1]?.toUpperCase();
  return [
    extension,
    attachment.pages ? t("media.pages", { count: attachment.pages }) : null,
    attachment.duration ? formatDuration(attachment.duration) : null,
    attachment.size === null ? null : formatBytes(attachment.size),
  ].filter((fact): fact is string => Boolean(fact));
}
