/** A picture or film in the gallery's grid. */

import { ImageOff, Play } from "lucide-react";
import { useState } from "react";
import type { Attachment } from "@/api/types";
import { formatDuration, useT } from "@/lib/i18n";
import { ownAddress } from "@/features/media/addresses";
import { useLightbox } from "@/features/media/lightbox-context";

export function GalleryTile({ attachment }: { attachment: Attachment }) {
  const t = useT();
  const openLightbox = useLightbox();
  const [isBroken, setBroken] = useState(false);
  const { kind, filename, description, duration } = attachment;
  const isVideo = kind === "video";
  // A film's own address is no picture.
  const source = ownAddress(attachment.thumbnail_url) ?? (isVideo ? undefined : ownAddress(attachment.url));
  const name = description || filename || t(`media.kind_${kind}`);
  return (
    <button
      type="button"
      disabled={!attachment.url}
      onClick={() => openLightbox(attachment)}
      aria-label={t("media.open", { name })}
      className="relative grid aspect-square w-full place-content-center overflow-hidden rounded bg-sunken text-muted"
    >
      {source && !isBroken
        ? <img src={source} alt="" loading="lazy" decoding="async" className="absolute inset-0 size-full object-cover" onError={() => setBroken(true)} />
        : !isVideo && <ImageOff className="size-5" aria-hidden />}
      {isVideo && (
        <span className="absolute start-1 bottom-1 flex items-center gap-1 rounded bg-black/70 px-1 text-xs text-white">
          <Play className="size-3" aria-hidden />
          {duration ? formatDuration(duration) : null}
        </span>
      )}
    </button>
  );
}
