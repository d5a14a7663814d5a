/** Pictures and films large, one after the other: zoom, arrows, download, by pointer and keyboard. */

import { ChevronLeft, ChevronRight, X, ZoomIn, ZoomOut } from "lucide-react";
import { Dialog } from "radix-ui";
import { useCallback, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import type { Attachment } from "@/api/types";
import { useT } from "@/lib/i18n";
import { ownAddress } from "@/features/media/addresses";
import { DownloadLink } from "@/features/media/download-link";
import { LightboxContext } from "@/features/media/lightbox-context";
import { startedPlaying } from "@/features/media/playing";
import { ZoomedPicture } from "@/features/media/zoomed-picture";

const MOST_ZOOM = 6;
const ROUND = "grid size-10 place-content-center rounded-full bg-black/60 text-white hover:bg-black/85 disabled:opacity-40";

/** Gives what is inside a light-box through `attachments`, in their order. */
export function LightboxProvider({ attachments, children }: { attachments: Attachment[]; children: ReactNode }) {
  const [openedAt, setOpenedAt] = useState<Attachment | null>(null);
  const opener = useRef<Element | null>(null);
  const open = useCallback((attachment: Attachment) => {
    opener.current = document.activeElement;
    setOpenedAt(attachment);
  }, []);
  const goBack = () => {
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  const shown = useMemo(() => {
    if (!openedAt || attachments.some((file) => file.media_id === openedAt.media_id)) return attachments;
    return [openedAt];
  }, [attachments, openedAt]);
  return (
    <LightboxContext value={open}>
      {children}
      {openedAt && (
        <Lightbox
          attachments={shown}
          current={openedAt}
          onCurrent={setOpenedAt}
          onClose={() => setOpenedAt(null)}
          onClosed={goBack}
        />
      )}
    </LightboxContext>
  );
}

interface LightboxProps {
  attachments: Attachment[];
  current: Attachment;
  onCurrent: (attachment: Attachment) => void;
  onClose: () => void;
  /** The focus is to go back to where it came from. */
  onClosed: () => void;
}

function Lightbox({ attachments, current, onCurrent, onClose, onClosed }: LightboxProps) {
  const t = useT();
  const [zoom, setZoom] = useState(1);
  const index = Math.max(0, attachments.findIndex((file) => file.media_id === current.media_id));
  const name = current.filename || t(`media.kind_${current.kind}`);

  const go = (by: number) => {
    const next = attachments[index + by];
    if (!next) return;
    setZoom(1);
    onCurrent(next);
  };
  const zoomBy = (factor: number) => setZoom((held) => Math.min(MOST_ZOOM, Math.max(1, held * factor)));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLVideoElement) return;
    const isRtl = document.documentElement.dir === "rtl";
    if (event.key === "ArrowRight") go(isRtl ? -1 : 1);
    else if (event.key === "ArrowLeft") go(isRtl ? 1 : -1);
    else if (event.key === "+" || event.key === "=") zoomBy(1.5);
    else if (event.key === "-") zoomBy(1 / 1.5);
    else if (event.key === "0") setZoom(1);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/90 animate-fade" />
        <Dialog.Content
          className="fixed inset-0 z-50 flex flex-col text-white outline-none"
          aria-describedby={undefined}
          onKeyDown={onKeyDown}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
        >
          <header className="flex items-center gap-2 p-2">
            <Dialog.Title className="min-w-0 grow truncate ps-2 text-base" dir="auto">{name}</Dialog.Title>
            <span className="shrink-0 text-sm tabular-nums" aria-live="polite">
              {t("media.place_of", { place: index + 1, count: attachments.length })}
            </span>
            {current.kind !== "video" && (
              <>
                <button type="button" className={ROUND} onClick={() => zoomBy(1 / 1.5)} disabled={zoom <= 1} aria-label={t("media.zoom_out")}>
                  <ZoomOut className="size-5" aria-hidden />
                </button>
                <button type="button" className={ROUND} onClick={() => zoomBy(1.5)} disabled={zoom >= MOST_ZOOM} aria-label={t("media.zoom_in")}>
                  <ZoomIn className="size-5" aria-hidden />
                </button>
              </>
            )}
            <DownloadLink attachment={current} className="size-10! bg-black/60 text-white! hover:bg-black/85!" />
            <Dialog.Close className={ROUND} aria-label={t("common.close")}>
              <X className="size-5" aria-hidden />
            </Dialog.Close>
          </header>
          <div className="relative min-h-0 grow">
            <Large key={current.media_id} attachment={current} zoom={zoom} onZoom={setZoom} onClose={onClose} />
            {index > 0 && (
              <button type="button" className={`${ROUND} absolute start-2 top-1/2 -translate-y-1/2`} onClick={() => go(-1)} aria-label={t("media.previous")}>
                <ChevronLeft className="size-6 rtl:-scale-x-100" aria-hidden />
              </button>
            )}
            {index < attachments.length - 1 && (
              <button type="button" className={`${ROUND} absolute end-2 top-1/2 -translate-y-1/2`} onClick={() => go(1)} aria-label={t("media.next")}>
                <ChevronRight className="size-6 rtl:-scale-x-100" aria-hidden />
              </button>
            )}
          </div>
          {current.description && (
            <p className="max-h-24 overflow-y-auto px-4 py-3 text-center text-sm" dir="auto">{current.description}</p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface LargeProps {
  attachment: Attachment;
  zoom: number;
  onZoom: (zoom: number) => void;
  onClose: () => void;
}

function Large({ attachment, zoom, onZoom, onClose }: LargeProps) {
  if (attachment.kind === "video") {
    return (
      // The words of it stand in the thread, as text.
      // eslint-disable-next-line jsx-a11y/media-has-caption
      <video
        controls
        autoPlay
        playsInline
        className="size-full object-contain"
        src={ownAddress(attachment.url)}
        poster={ownAddress(attachment.thumbnail_url)}
        onPlay={(event) => startedPlaying(event.currentTarget)}
      />
    );
  }
  return <ZoomedPicture attachment={attachment} zoom={zoom} onZoom={onZoom} onClose={onClose} />;
}
