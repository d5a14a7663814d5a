import { type SubmitEvent, useState } from "react";
import type { View } from "@/api/types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useToast } from "@/components/ui/toast";
import { type ListFilters, toQuery } from "@/features/conversation-list/filters";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

export interface ViewDialogProps {
  /** The one to change; null to make one. */
  view: View | null;
  filters: ListFilters;
  onClose: () => void;
}

/** Names, shares, changes and deletes a saved view. */
export function ViewDialog({ view, filters, onClose }: ViewDialogProps) {
  const t = useT();
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="sm"
      title={view ? t("list.view_edit_title") : t("list.view_create_title")}
    >
      <ViewForm view={view} filters={filters} onClose={onClose} />
    </Dialog>
  );
}

function ViewForm({ view, filters, onClose }: ViewDialogProps) {
  const t = useT();
  const toast = useToast();
  const [name, setName] = useState(view?.name ?? "");
  const [shared, setShared] = useState(view?.shared ?? false);
  const [replace, setReplace] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const [asking, setAsking] = useState(false);

  async function run(request: () => Promise<unknown>, told: string): Promise<void> {
    setPending(true);
    try {
      await request();
      await queryClient.invalidateQueries({ queryKey: keys.views });
      toast.success(told);
      onClose();
    } catch (error) {
      setWrong(errorText(error));
      setAsking(false);
    } finally {
      setPending(false);
    }
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const body = { name: name.trim(), shared };
    const now = toQuery(filters);
    const request = view
      ? () => api.patch(`/api/v1/views/${view.view_id}`, replace ? { ...body, filters: now } : body)
      : () => api.post("/api/v1/views", { ...body, filters: now });
    void run(request, t("list.view_saved"));
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label={t("list.view_name")} description={t("list.view_name_hint")} error={wrong} required>
        {(control) => <Input {...control} value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Checkbox checked={shared} onChange={setShared}>{t("list.view_shared")}</Checkbox>
      {view && <Checkbox checked={replace} onChange={setReplace}>{t("list.view_replace")}</Checkbox>}
      <div className="mt-1 flex items-center justify-end gap-2">
        {view && (
          <Button variant="danger-ghost" className="me-auto" onClick={() => setAsking(true)}>{t("common.delete")}</Button>
        )}
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button type="submit" variant="primary" pending={pending} disabled={name.trim() === ""}>{t("common.save")}</Button>
      </div>
      {view && (
        <AlertDialog
          open={asking}
          onOpenChange={setAsking}
          title={t("list.view_delete_title", { name: view.name })}
          description={t("list.view_delete_text")}
          action={t("list.view_delete")}
          danger
          pending={pending}
          onAction={() => void run(() => api.delete(`/api/v1/views/${view.view_id}`), t("list.view_deleted"))}
        />
      )}
    </form>
  );
}
