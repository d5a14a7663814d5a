/** A picture in the light-box: wheel, pinch or double click to zoom, drag to move about. */

import { useRef, useState, type PointerEvent, type WheelEvent } from "react";
import type { Attachment } from "@/api/types";
import { useT } from "@/lib/i18n";
import { ownAddress } from "@/features/media/addresses";

const MOST_ZOOM = 6;

interface ZoomedPictureProps {
  attachment: Attachment;
  zoom: number;
  onZoom: (zoom: number) => void;
  onClose: () => void;
}

interface Point {
  x: number;
  y: number;
}

export function ZoomedPicture({ attachment, zoom, onZoom, onClose }: ZoomedPictureProps) {
  const t = useT();
  const [offset, setOffset] = useState<Point>({ x: 0, y: 0 });
  const [isBroken, setBroken] = useState(false);
  const pointers = useRef(new Map<number, Point>());
  const moved = useRef(false);
  const at = zoom === 1 ? { x: 0, y: 0 } : offset;

  const zoomTo = (next: number) => {
    const bounded = Math.min(MOST_ZOOM, Math.max(1, next));
    if (bounded === 1) setOffset({ x: 0, y: 0 });
    onZoom(bounded);
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    moved.current = false;
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const [other] = [...pointers.current].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    if (other) {
      const spread = (one: Point) => Math.hypot(one.x - other.x, one.y - other.y);
      if (spread(before) > 0) zoomTo((zoom * spread(now)) / spread(before));
      moved.current = true;
    } else if (zoom > 1) {
      setOffset({ x: at.x + now.x - before.x, y: at.y + now.y - before.y });
    }
    if (Math.hypot(now.x - before.x, now.y - before.y) > 3) moved.current = true;
    pointers.current.set(event.pointerId, now);
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    pointers.current.delete(event.pointerId);
  };
  const onWheel = (event: WheelEvent) => zoomTo(zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2));

  return (
    // Everything here is also done by the buttons above and the keyboard.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <div
      className={`grid size-full touch-none place-items-center overflow-hidden ${zoom > 1 ? "cursor-grab active:cursor-grabbing" : "cursor-zoom-in"}`}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onWheel={onWheel}
      onDoubleClick={() => zoomTo(zoom > 1 ? 1 : 2.5)}
      onClick={(event) => {
        if (event.target === event.currentTarget && !moved.current && zoom === 1) onClose();
      }}
    >
      {isBroken ? (
        <p role="alert">{t("media.not_loaded")}</p>
      ) : (
        <img
          src={ownAddress(attachment.url)}
          alt={attachment.description || attachment.filename || t(`media.kind_${attachment.kind}`)}
          draggable={false}
          className="max-h-full max-w-full object-contain select-none"
          style={{ transform: `translate(${at.x}px, ${at.y}px) scale(${zoom})` }}
          onError={() => setBroken(true)}
        />
      )}
    </div>
  );
}
