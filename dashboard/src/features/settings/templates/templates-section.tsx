import { useMutation } from "@tanstack/react-query";
import { LayoutTemplate, Plus, RefreshCw } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Template, TemplateSync } from "@/api/outreach-types";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useToast } from "@/components/ui/toast";
import { useChannels } from "@/features/settings/channels/use-channels";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { SeenTemplate, TemplateList } from "@/features/settings/templates/template-list";
import { TemplateDialog } from "@/features/settings/templates/template-dialog";
import { fitting, STATES, syncText, type State } from "@/features/settings/templates/templates";
import { useTemplates } from "@/features/templates/use-templates";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

/** From so many on, what narrows the list. */
const MANY = 6;

/** The messages that may be sent to whoever has not written for a day. */
export function TemplatesSection() {
  const t = useT();
  const may = useCan("admin");
  const templates = useTemplates();
  const confirm = useConfirm();
  const change = useListChange<Template>(keys.templates);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const [seen, setSeen] = useState<Template | null>(null);
  const [editing, setEditing] = useState<Template | "new" | null>(null);
  const remove = (template: Template, index: number) =>
    confirm.ask({
      title: t("outreach.template_delete_title", { name: template.name }),
      text: t(template.channel === "sms" ? "outreach.template_delete_text_own" : "outreach.template_delete_text"),
      action: t("common.delete"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.template_id !== template.template_id),
          request: () => api.delete(`/api/v1/templates/${template.template_id}`),
          told: t("settings.deleted", { name: template.name }),
        });
        afterRemoval(index);
      },
    });
  return (
    <SectionPage
      title={t("settings.templates_title")}
      description={t("outreach.templates_text")}
      changes="admin"
      actions={may && <Actions onNew={() => setEditing("new")} />}
    >
      <div ref={ref} className="flex flex-col gap-5">
        <Loaded query={templates}>
          {(items) =>
            items.length === 0 ? (
              <NoneYet />
            ) : (
              <Narrowed items={items}>
                {(found) => <TemplateList templates={found} may={may} onSee={setSeen} onEdit={setEditing} onRemove={remove} />}
              </Narrowed>
            )
          }
        </Loaded>
      </div>
      {seen && <SeenTemplate template={seen} onClose={() => setSeen(null)} />}
      {editing && <TemplateDialog template={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
      {confirm.dialog}
    </SectionPage>
  );
}

function Narrowed({ items, children }: { items: readonly Template[]; children: (found: readonly Template[]) => ReactNode }) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const [state, setState] = useState<State>("any");
  const found = fitting(items, typed, state);
  return (
    <>
      {items.length >= MANY && (
        <div className="flex flex-wrap gap-2">
          <Input type="search" className="min-w-48 flex-1" aria-label={t("outreach.templates_search")} placeholder={t("outreach.templates_search")} value={typed} onChange={(event) => setTyped(event.target.value)} />
          <Select aria-label={t("outreach.status")} className="w-44!" value={state} onChange={setState}
            options={STATES.map((each) => ({ value: each, label: each === "any" ? t("outreach.status_any") : t(`outreach.status_${each}`) }))} />
        </div>
      )}
      {children(found)}
      <p role="status" className="text-sm text-muted">{found.length === 0 ? t("outreach.templates_none_found") : ""}</p>
    </>
  );
}

function Actions({ onNew }: { onNew: () => void }) {
  const t = useT();
  const toast = useToast();
  const sync = useMutation({
    mutationFn: () => api.post<TemplateSync>("/api/v1/templates/sync", {}),
    onSuccess: async (result) => {
      await queryClient.invalidateQueries({ queryKey: keys.templates });
      const { text, failed } = syncText(result, t);
      if (failed) toast.error(text);
      else toast.success(text);
    },
    onError: (error) => toast.error(error),
  });
  return (
    <>
      <Button pending={sync.isPending} onClick={() => sync.mutate()}>
        <RefreshCw aria-hidden />
        {t("outreach.sync")}
      </Button>
      <Button variant="primary" onClick={onNew}>
        <Plus aria-hidden />
        {t("outreach.template_new")}
      </Button>
    </>
  );
}

/** Says what templates are for, and where they come from. */
function NoneYet() {
  const t = useT();
  const channels = useChannels();
  const hasWhatsApp = channels.data?.some((each) => each.channel === "wmsg") ?? true;
  return (
    <EmptyState icon={LayoutTemplate} title={t("outreach.templates_empty")} className="max-w-md">
      <p>{t("outreach.templates_empty_text")}</p>
      <p className="mt-2">{t(hasWhatsApp ? "outreach.templates_empty_next" : "outreach.templates_empty_sms")}</p>
    </EmptyState>
  );
}
