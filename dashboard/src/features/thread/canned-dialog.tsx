/** Keeps a message's words as a canned reply. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import type { CannedReply, Message } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { showToast } from "@/components/ui/toast-store";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys } from "@/lib/query";

export function CannedDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [shortcut, setShortcut] = useState("");
  const [title, setTitle] = useState(() => message.content.trim().split("\n")[0]?.slice(0, 60) ?? "");
  const [content, setContent] = useState(message.content);
  const save = useMutation({
    mutationFn: () => api.post<CannedReply>("/api/v1/canned-replies", {
      shortcut, title, content, media_ids: message.attachments.map((file) => file.media_id),
    }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.cannedReplies });
      showToast(t("thread.canned_saved", { shortcut }), { tone: "success" });
      onClose();
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()} title={t("thread.keep_as_canned")}>
      <form onSubmit={submit} className="grid gap-3">
        <label className="grid gap-1 text-sm font-medium">
          {t("thread.canned_shortcut")}
          <span className="flex items-center gap-1 font-normal">
            <span aria-hidden className="text-muted">/</span>
            <Input required maxLength={40} pattern="\S+" value={shortcut} onChange={(event) => setShortcut(event.target.value.replace(/^\/|\s/g, ""))} dir="auto" />
          </span>
        </label>
        <label className="grid gap-1 text-sm font-medium">
          {t("thread.canned_title")}
          <Input required maxLength={100} value={title} onChange={(event) => setTitle(event.target.value)} dir="auto" />
        </label>
        <label className="grid gap-1 text-sm font-medium">
          {t("thread.canned_text")}
          <Textarea required rows={4} className="max-h-60" value={content} onChange={(event) => setContent(event.target.value)} dir="auto" />
        </label>
        {save.isError && <ErrorState inline error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" pending={save.isPending}>{t("common.save")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
