import { useMutation } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useRef, useState } from "react";
import type { CannedReply, Upload } from "@/api/types";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { useToast } from "@/components/ui/toast";
import { CannedPreview } from "@/features/settings/canned/canned-preview";
import { shortcutOf, unknownVariables } from "@/features/settings/canned/shortcut";
import { VariablesMenu } from "@/features/settings/canned/variables-menu";
import { FileDrop } from "@/features/settings/parts/file-drop";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { sendFile, type Send } from "@/features/settings/parts/send-file";
import { SendingList } from "@/features/settings/parts/sending-list";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { useForm } from "@/features/settings/parts/use-form";
import { useSending } from "@/features/settings/parts/use-sending";
import { api } from "@/lib/http";
import { formatBytes, useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

const toLibrary: Send<Upload> = (...file) => sendFile("/upload/library-media", ...file);
const LONGEST = 10_000;
const MOST_FILES = 10;

interface LibraryFile {
  media_id: string;
  filename: string;
  size: number | null;
}

/** `reply`: the one to change; null to make one. */
export function CannedDialog({ reply, onClose }: { reply: CannedReply | null; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const area = useRef<HTMLTextAreaElement>(null);
  const [saved] = useState(() => ({
    shortcut: reply?.shortcut ?? "",
    title: reply?.title ?? "",
    content: reply?.content ?? "",
    files: (reply?.attachments ?? []).map(({ media_id, filename, size }): LibraryFile => ({ media_id, filename, size })),
  }));
  const { values, set, dirty } = useForm(saved);
  const [tried, setTried] = useState(false);
  const [files, setFiles] = useState(saved.files);
  const sending = useSending(toLibrary, ({ media_id, filename, size }) =>
    setFiles((files) => [...files, { media_id, filename, size }]),
  );
  const save = useMutation({
    mutationFn: () => {
      const body = { shortcut: values.shortcut, title: values.title.trim(), content: values.content, media_ids: files.map((each) => each.media_id) };
      return reply ? api.patch(`/api/v1/canned-replies/${reply.canned_reply_id}`, body) : api.post("/api/v1/canned-replies", body);
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.cannedReplies });
      toast.success(t("settings.saved_name", { name: `/${values.shortcut}` }));
      onClose();
    },
  });
  const wrong = serverErrors(save.error, ["shortcut", "title", "content", "media_ids"], "shortcut");
  const missing = values.shortcut === "";
  const nothing = values.content.trim() === "" && files.length === 0;
  const unknown = unknownVariables(values.content);

  function insert(variable: string): void {
    const { selectionStart: start = values.content.length, selectionEnd: end = start } = area.current ?? {};
    set({ content: values.content.slice(0, start) + variable + values.content.slice(end) });
    setTimeout(() => {
      area.current?.focus();
      area.current?.setSelectionRange(start + variable.length, start + variable.length);
    }, 50);
  }

  return (
    <FormDialog
      title={t(reply ? "settings.canned_edit" : "settings.canned_new")}
      action={t(reply ? "common.save" : "common.create")}
      dirty={dirty || JSON.stringify(files) !== JSON.stringify(saved.files) || sending.list.length > 0}
      pending={save.isPending}
      disabled={sending.list.some((each) => each.error === null)}
      error={wrong.rest ?? wrong.fields.media_ids ?? null}
      size="lg"
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (!missing && !nothing && unknown.length === 0) save.mutate();
      }}
    >
      <div className="grid gap-3 sm:grid-cols-[12rem_1fr]">
        <Field label={t("settings.canned_shortcut")} description={t("settings.canned_shortcut_hint")} required error={tried && missing ? t("settings.canned_shortcut_missing") : wrong.fields.shortcut}>
          {(control) => (
            <span className="relative block">
              <span aria-hidden className="absolute start-2.5 top-1.5 font-mono text-faint">/</span>
              <Input {...control} dir="ltr" autoCapitalize="none" autoComplete="off" maxLength={40} className="ps-5! font-mono" value={values.shortcut}
                onChange={(event) => set({ shortcut: shortcutOf(event.target.value) })} />
            </span>
          )}
        </Field>
        <Field label={t("settings.canned_name")} optional error={wrong.fields.title}>
          {(control) => <Input {...control} maxLength={200} value={values.title} onChange={(event) => set({ title: event.target.value })} />}
        </Field>
      </div>
      <Field
        label={t("settings.canned_content")}
        description={<span className="flex items-center justify-between gap-2"><VariablesMenu onInsert={insert} /><span>{values.content.length} / {LONGEST}</span></span>}
        error={
          unknown.length > 0
            ? t("settings.canned_unknown_variable", { names: unknown.map((name) => `{{${name}}}`).join(", ") })
            : tried && nothing ? t("settings.canned_nothing") : wrong.fields.content
        }
      >
        {(control) => (
          <Textarea {...control} ref={area} dir="auto" rows={5} maxLength={LONGEST} className="max-h-80" value={values.content} onChange={(event) => set({ content: event.target.value })} />
        )}
      </Field>
      <CannedPreview content={values.content} />
      <div className="flex flex-col gap-2">
        <span className="text-sm font-medium">{t("settings.canned_files_title")}</span>
        {files.map((file) => (
          <div key={file.media_id} className="flex items-center gap-2 rounded-md border border-line ps-3 pe-1 py-1">
            <span className="min-w-0 flex-1 truncate">{file.filename}</span>
            <span className="text-sm text-faint">{file.size === null ? "" : formatBytes(file.size)}</span>
            <IconButton icon={X} tooltip={false} label={t("settings.remove_of", { name: file.filename })} onClick={() => setFiles((all) => all.filter((each) => each !== file))} />
          </div>
        ))}
        <SendingList list={sending.list} onRetry={sending.retry} onDrop={sending.drop} />
        {files.length + sending.list.length < MOST_FILES && (
          <FileDrop hint={t("settings.canned_files_hint", { count: MOST_FILES })} onFiles={(chosen) => sending.add(chosen.slice(0, MOST_FILES - files.length - sending.list.length))} />
        )}
      </div>
    </FormDialog>
  );
}
