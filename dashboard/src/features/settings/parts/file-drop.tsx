import { Upload } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";
import { Button } from "@/components/ui/button";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface FileDropProps {
  /** As an <input type="file"> has it. */
  accept?: string;
  hint: string;
  onFiles: (files: File[]) => void;
}

/** A place to drop files on, with a button that chooses them. */
export function FileDrop({ accept, hint, onFiles }: FileDropProps) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return (
    // Dropping is a second way: the button does the same.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
      className={cx(
        "flex flex-wrap items-center gap-3 rounded-lg border border-dashed px-4 py-3 transition-colors",
        over ? "border-accent bg-accent-soft" : "border-outline/60",
      )}
    >
      <Upload aria-hidden className="size-5 shrink-0 text-muted" />
      <span className="min-w-0 flex-1 basis-48 text-sm text-muted">{hint}</span>
      <Button onClick={() => input.current?.click()}>{t("settings.choose_files")}</Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={accept}
        aria-label={t("settings.choose_files")}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </div>
  );
}
