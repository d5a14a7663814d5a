import { CircleAlert, FileUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { ImportReport } from "@/api/campaign-types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Progress } from "@/components/ui/progress";
import { Select } from "@/components/ui/select";
import { useToast } from "@/components/ui/toast";
import { FormError } from "@/features/settings/parts/form-parts";
import { sendFile } from "@/features/settings/parts/send-file";
import { useSegments } from "@/lib/directory";
import { errorText } from "@/lib/error-text";
import { query } from "@/lib/http";
import { formatBytes, formatNumber, useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

const NONE = "none";
const MOST_SHOWN = 100;

type State =
  | { step: "choose" }
  | { step: "sending"; file: File; progress: number; dry: boolean }
  | { step: "checked"; file: File; report: ImportReport };

/** First what would happen, then that it happens: the file is sent twice. */
export function ImportDialog({ segmentId, onClose }: { segmentId: string | undefined; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const input = useRef<HTMLInputElement>(null);
  const stop = useRef<AbortController>(null);
  const lists = (useSegments().data ?? []).filter((each) => each.kind === "list");
  const [segment, setSegment] = useState(segmentId ?? NONE);
  const [state, setState] = useState<State>({ step: "choose" });
  const [error, setError] = useState<string | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  async function send(file: File, dry: boolean): Promise<void> {
    const mine = (stop.current = new AbortController());
    setError(null);
    setState({ step: "sending", file, progress: 0, dry });
    try {
      const path = `/api/v1/contacts/import${query({ dry_run: dry || undefined, segment_id: segment === NONE ? undefined : segment })}`;
      const report = await sendFile<ImportReport>(path, file, (progress) => setState({ step: "sending", file, progress, dry }), mine.signal);
      if (dry) setState({ step: "checked", file, report });
      else {
        for (const queryKey of [keys.contacts(), ["segment"]]) void queryClient.invalidateQueries({ queryKey });
        toast.success(t("audience.imported", { added: report.added, changed: report.changed }));
        onClose();
      }
    } catch (caught) {
      if (mine.signal.aborted) return;
      setState({ step: "choose" });
      setError(errorText(caught));
    }
  }

  const report = state.step === "checked" ? state.report : null;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} locked={state.step === "sending" && !state.dry} size="md" title={t("audience.import_title")} description={t("audience.import_text")}
      footer={
        <>
          <Button onClick={() => {
            stop.current?.abort();
            onClose();
          }}>{t("common.cancel")}</Button>
          {state.step === "checked" && (
            <Button variant="primary" disabled={state.report.added + state.report.changed === 0 && segment === NONE} onClick={() => void send(state.file, false)}>
              {t("audience.import_now")}
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {lists.length > 0 && state.step === "choose" && (
          <Field label={t("audience.import_into")}>
            {(control) => (
              <Select {...control} value={segment} onChange={setSegment}
                options={[{ value: NONE, label: t("audience.import_into_none") }, ...lists.map((each) => ({ value: each.segment_id, label: each.name }))]} />
            )}
          </Field>
        )}
        {state.step === "choose" && (
          <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed border-outline/60 px-4 py-8 text-center">
            <FileUp aria-hidden className="size-6 text-muted" />
            <Button variant="primary" onClick={() => input.current?.click()}>{t("audience.choose_file")}</Button>
            <p className="text-sm text-muted">{t("audience.file_hint")}</p>
          </div>
        )}
        {state.step === "sending" && (
          <div role="status" className="flex flex-col gap-2">
            <span className="flex gap-2">
              <bdi className="min-w-0 flex-1 truncate font-medium">{state.file.name}</bdi>
              <span className="text-sm text-faint">{formatBytes(state.file.size)}</span>
            </span>
            <Progress value={state.progress < 1 ? state.progress : undefined} label={t(state.dry ? "audience.checking" : "audience.importing")} />
            <span className="text-sm text-muted">{t(state.dry ? "audience.checking" : "audience.importing")}</span>
          </div>
        )}
        {report && <Report report={report} />}
        <FormError text={error} />
      </div>
      <input ref={input} type="file" hidden accept=".csv,.tsv,.txt,text/csv" aria-label={t("audience.choose_file")}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file) void send(file, true);
          event.target.value = "";
        }} />
    </Dialog>
  );
}

function Report({ report }: { report: ImportReport }) {
  const t = useT();
  const shown = report.problems.slice(0, MOST_SHOWN);
  return (
    <>
      <dl className="grid grid-cols-3 gap-2">
        {(["added", "changed", "unchanged"] as const).map((name) => (
          <div key={name} className="rounded-lg border border-line px-3 py-2">
            <dt className="text-sm text-muted">{t(`audience.import_${name}`)}</dt>
            <dd className="text-xl font-semibold">{formatNumber(report[name])}</dd>
          </div>
        ))}
      </dl>
      {shown.length > 0 && (
        <div className="flex flex-col gap-1.5">
          <p className="flex items-center gap-1.5 font-medium text-danger">
            <CircleAlert aria-hidden className="size-4" />
            {t("audience.problems", { count: report.problems.length + report.more_problems })}
          </p>
          <ul className="max-h-48 divide-y divide-line overflow-y-auto rounded-md border border-line text-sm">
            {shown.map((problem) => (
              <li key={`${problem.line} ${problem.reason}`} className="flex gap-3 px-3 py-1.5">
                <span className="w-16 shrink-0 text-faint">{t("audience.line", { line: problem.line })}</span>
                <span className="min-w-0 flex-1 wrap-anywhere text-muted">{problem.reason}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
