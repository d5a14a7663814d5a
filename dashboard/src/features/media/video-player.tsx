/** A film, in the room that it was measured for, with its first frame until it plays. */

import { useState } from "react";
import type { Attachment } from "@/api/types";
import { useT } from "@/lib/i18n";
import { ownAddress } from "@/features/media/addresses";
import { boxOf } from "@/features/media/box";
import { DownloadLink } from "@/features/media/download-link";
import { startedPlaying, stoppedPlaying } from "@/features/media/playing";

export function VideoPlayer({ attachment }: { attachment: Attachment }) {
  const t = useT();
  const [isBroken, setBroken] = useState(false);
  const box = boxOf(attachment.width, attachment.height);
  const width = Math.max(box.width, 200);
  const source = ownAddress(attachment.url);
  const poster = ownAddress(attachment.thumbnail_url);
  return (
    <div className="relative max-w-full" style={{ width }}>
      {/* The words of it stand below, as text. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        controls
        playsInline
        preload={poster ? "none" : "metadata"}
        src={source}
        poster={poster}
        aria-label={attachment.filename || t("media.kind_video")}
        className="w-full rounded-lg bg-black object-contain"
        style={{ aspectRatio: `${width} / ${box.height}` }}
        onPlay={(event) => startedPlaying(event.currentTarget)}
        onPause={(event) => stoppedPlaying(event.currentTarget)}
        onError={() => setBroken(true)}
      />
      <DownloadLink attachment={attachment} className="absolute end-1 top-1 bg-black/60 text-white hover:bg-black/80 hover:text-white" />
      {isBroken && <p role="alert" className="pt-1 text-xs text-danger">{t("media.not_playable")}</p>}
    </div>
  );
}
