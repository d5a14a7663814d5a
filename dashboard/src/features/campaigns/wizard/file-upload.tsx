import { RotateCw, Upload, X } from "lucide-react";
import { useEffect, useRef, useState, type DragEvent } from "react";
import type { Campaign, UploadedCampaign } from "@/api/campaign-types";
import type { ChannelKind } from "@/api/types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Progress } from "@/components/ui/progress";
import { percent } from "@/features/campaigns/funnel";
import { putCampaign } from "@/features/campaigns/use-campaigns";
import { rememberPreview } from "@/features/campaigns/wizard/preview-rows";
import { sendFile } from "@/features/settings/parts/send-file";
import { cx } from "@/lib/class-names";
import { errorText } from "@/lib/error-text";
import { ApiError, query } from "@/lib/http";
import { formatBytes, useT } from "@/lib/i18n";

interface Sending {
  file: File;
  progress: number;
  error: string | null;
}

export interface FileUploadProps {
  name: string;
  channel: ChannelKind;
  onMade: (campaign: Campaign) => void;
}

/** The file goes on its way as soon as it is chosen: with progress, a stop, and a second attempt. */
export function FileUpload({ name, channel, onMade }: FileUploadProps) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const stop = useRef<AbortController>(null);
  const [sending, setSending] = useState<Sending | null>(null);
  const [known, setKnown] = useState<{ file: File; text: string } | null>(null);
  const [over, setOver] = useState(false);
  useEffect(() => () => stop.current?.abort(), []);

  async function send(file: File, confirm: boolean): Promise<void> {
    stop.current?.abort();
    const mine = (stop.current = new AbortController());
    setKnown(null);
    setSending({ file, progress: 0, error: null });
    try {
      const path = `/api/v1/campaigns/upload${query({ name: name || file.name.replace(/\.\w+$/, ""), channel, confirm: confirm || undefined })}`;
      const made = await sendFile<UploadedCampaign>(path, file, (progress) => setSending({ file, progress, error: null }), mine.signal);
      rememberPreview(made.campaign.campaign_id, made.preview);
      putCampaign(made.campaign);
      onMade(made.campaign);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (error instanceof ApiError && error.status === 409 && !confirm) {
        setSending(null);
        setKnown({ file, text: errorText(error) });
      } else setSending({ file, progress: 0, error: errorText(error) });
    }
  }

  const choose = (files: FileList | null) => {
    const [file] = files ?? [];
    if (file) void send(file, false);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    choose(event.dataTransfer.files);
  };
  return (
    <>
      {sending ? (
        <div className="flex items-center gap-2 rounded-lg border border-line px-4 py-3">
          <div className="flex min-w-0 flex-1 flex-col gap-1.5">
            <span className="flex gap-2">
              <bdi className="min-w-0 flex-1 truncate font-medium">{sending.file.name}</bdi>
              <span className="text-sm text-faint">{formatBytes(sending.file.size)}</span>
              {sending.error === null && <span className="text-sm text-faint">{sending.progress < 1 ? percent(sending.progress) : t("campaigns.reading")}</span>}
            </span>
            {sending.error === null
              ? <Progress value={sending.progress < 1 ? sending.progress : undefined} label={t("campaigns.uploading", { name: sending.file.name })} />
              : <span role="alert" className="text-sm text-danger">{sending.error}</span>}
          </div>
          {sending.error !== null && <IconButton icon={RotateCw} label={t("common.retry")} onClick={() => void send(sending.file, false)} />}
          <IconButton icon={X} label={t("campaigns.upload_stop")} onClick={() => {
            stop.current?.abort();
            setSending(null);
          }} />
        </div>
      ) : (
        // Dropping is a second way: the button does the same.
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions
        <div
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
          className={cx("flex flex-col items-center gap-2 rounded-lg border border-dashed px-4 py-8 text-center transition-colors", over ? "border-accent bg-accent-soft" : "border-outline/60")}
        >
          <Upload aria-hidden className="size-6 text-muted" />
          <Button variant="primary" onClick={() => input.current?.click()}>{t("campaigns.choose_file")}</Button>
          <p className="max-w-md text-sm text-muted">{t("campaigns.file_hint")}</p>
        </div>
      )}
      <input ref={input} type="file" hidden accept=".csv,.tsv,.txt,text/csv" aria-label={t("campaigns.choose_file")}
        onChange={(event) => {
          choose(event.target.files);
          event.target.value = "";
        }} />
      <AlertDialog
        open={known !== null}
        onOpenChange={(open) => !open && setKnown(null)}
        title={t("campaigns.same_file_title")}
        description={known?.text}
        action={t("campaigns.same_file_action")}
        onAction={() => known && void send(known.file, true)}
      />
    </>
  );
}
