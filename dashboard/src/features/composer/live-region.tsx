import { useEffect, useRef } from "react";
import { announce, announcement } from "@/features/composer/announce";
import { say } from "@/features/uploads/limits";
import { isOpen, type UploadItem } from "@/features/uploads/upload-store";
import { useT } from "@/lib/i18n";
import { useStore } from "@/lib/store";

/** Tells of uploads that end, and of whatever else the composer announces. */
export function LiveRegion({ files }: { files: readonly UploadItem[] }) {
  const t = useT();
  const said = useStore(announcement);
  const before = useRef(new Map<string, UploadItem["state"]>());
  useEffect(() => {
    for (const file of files) {
      const was = before.current.get(file.id);
      if (was === file.state) continue;
      before.current.set(file.id, file.state);
      if (!isOpen(file) && file.state !== "done" && file.problem) announce(say(file.problem, t));
      else if (was && file.state === "done") announce(t("composer.upload_done", { file: file.name }));
    }
  }, [files, t]);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {/* A new element is told again, also with the same words. */}
      <span key={said.at}>{said.text}</span>
    </p>
  );
}
