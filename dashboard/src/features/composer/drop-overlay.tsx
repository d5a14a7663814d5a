import { Upload } from "lucide-react";
import { createPortal } from "react-dom";
import { useT } from "@/lib/i18n";

/** Over the conversation, while files are held above it. */
export function DropOverlay({ place, note }: { place: DOMRect; note: boolean }) {
  const t = useT();
  return createPortal(
    <div
      className="pointer-events-none fixed z-40 flex animate-fade items-center justify-center bg-surface/90 p-4"
      style={{ top: place.top, left: place.left, width: place.width, height: place.height }}
    >
      <div className="flex size-full flex-col items-center justify-center gap-3 rounded-xl border-2 border-dashed border-accent text-accent-ink">
        <Upload aria-hidden className="size-8" />
        <p className="text-lg font-medium">{t(note ? "composer.drop_note" : "composer.drop_reply")}</p>
      </div>
    </div>,
    document.body,
  );
}
