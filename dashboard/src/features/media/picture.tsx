/** A picture in a thread: its room is kept, the thumbnail comes first, and it opens the light-box. */

import { ImageOff } from "lucide-react";
import { useState } from "react";
import type { Attachment } from "@/api/types";
import { useT } from "@/lib/i18n";
import { ownAddress } from "@/features/media/addresses";
import { boxOf } from "@/features/media/box";
import { useLightbox } from "@/features/media/lightbox-context";
import { localPreview } from "@/features/media/previews";

export function Picture({ attachment }: { attachment: Attachment }) {
  const t = useT();
  const openLightbox = useLightbox();
  const [isBroken, setBroken] = useState(false);
  const isSticker = attachment.kind === "sticker";
  const box = boxOf(attachment.width, attachment.height, isSticker ? 160 : 300);
  const source = ownAddress(attachment.thumbnail_url) ?? ownAddress(attachment.url);
  const local = localPreview(attachment.media_id);
  const name = attachment.description || attachment.filename || t(`media.kind_${attachment.kind}`);
  return (
    <button
      type="button"
      className={`relative block max-w-full overflow-hidden rounded-lg outline-offset-2 ${isSticker ? "" : "bg-sunken"}`}
      style={{ width: box.width, aspectRatio: `${box.width} / ${box.height}` }}
      onClick={() => openLightbox(attachment)}
      aria-label={t("media.open", { name })}
    >
      {local && <img src={local} alt="" className="absolute inset-0 size-full object-cover" />}
      {isBroken || !source ? (
        !local && (
          <span className="absolute inset-0 grid place-content-center justify-items-center gap-1 p-2 text-xs text-muted">
            <ImageOff className="size-6" aria-hidden />
            {t("media.not_loaded")}
          </span>
        )
      ) : (
        <img
          src={source}
          alt=""
          loading="lazy"
          decoding="async"
          width={box.width}
          height={box.height}
          className={`absolute inset-0 size-full ${isSticker ? "object-contain" : "object-cover"}`}
          onError={() => setBroken(true)}
        />
      )}
    </button>
  );
}
