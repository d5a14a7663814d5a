/** A file of a message: shown, played, or to be downloaded; with what was heard, seen or read in it. */

import type { Attachment as File } from "@/api/types";
import { AudioPlayer } from "@/features/media/audio-player";
import { DocumentCard } from "@/features/media/document-card";
import { FileText } from "@/features/media/file-text";
import { FileTrouble } from "@/features/media/file-trouble";
import { Picture } from "@/features/media/picture";
import { VideoPlayer } from "@/features/media/video-player";

export interface AttachmentProps {
  attachment: File;
  /** Without the texts under it. */
  compact?: boolean;
}

export function Attachment({ attachment, compact = false }: AttachmentProps) {
  return (
    <div className="flex max-w-full flex-col gap-1.5" data-media={attachment.media_id}>
      <Shown attachment={attachment} />
      {!compact && <FileText attachment={attachment} />}
    </div>
  );
}

function Shown({ attachment }: { attachment: File }) {
  const { status } = attachment;
  if (status === "failed" || status === "deleted" || status === "pending") {
    return <FileTrouble attachment={attachment} trouble={status} />;
  }
  switch (attachment.kind) {
    case "image":
    case "sticker":
      return <Picture attachment={attachment} />;
    case "audio":
      return <AudioPlayer key={attachment.media_id} attachment={attachment} />;
    case "video":
      return <VideoPlayer attachment={attachment} />;
    case "document":
      return <DocumentCard attachment={attachment} />;
  }
}
