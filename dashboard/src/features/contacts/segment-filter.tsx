import { skipToken, useQuery } from "@tanstack/react-query";
import { Download, Ellipsis, FileUp, Pencil, Plus, Trash2, UserRoundMinus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Segment, SegmentDetail } from "@/api/campaign-types";
import type { Contact } from "@/api/types";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { IconButton } from "@/components/ui/icon-button";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { Select } from "@/components/ui/select";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { useToast } from "@/components/ui/toast";
import { countText } from "@/features/contacts/segment-count";
import { useSegments } from "@/lib/directory";
import { api, query } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

const SegmentDialog = lazy(async () => ({ default: (await import("@/features/contacts/segment-dialog")).SegmentDialog }));
const ImportDialog = lazy(async () => ({ default: (await import("@/features/contacts/import-dialog")).ImportDialog }));

const ALL = "all";

export interface SegmentFilterProps {
  segmentId: string | undefined;
  /** What is searched for: the export has the same. */
  text: string;
  /** Whose card is open. */
  contactId: string | undefined;
  onChoose: (segmentId: string | undefined) => void;
}

/** Which of the contacts are listed; nothing where there is nothing to choose. */
export function SegmentFilter({ segmentId, onChoose }: Omit<SegmentFilterProps, "text" | "contactId">) {
  const t = useT();
  const segments = useSegments().data ?? [];
  const one = useQuery({
    queryKey: keys.segment(segmentId ?? ""),
    queryFn: ({ signal }) => api.get<SegmentDetail>(`/api/v1/segments/${segmentId ?? ""}`, undefined, { signal }),
    enabled: segmentId !== undefined,
  });
  if (segments.length === 0 && segmentId === undefined) return null;
  return (
    <div className="flex items-center gap-2">
      <Select aria-label={t("audience.segment")} value={segmentId ?? ALL} onChange={(id) => onChoose(id === ALL ? undefined : id)}
        options={[{ value: ALL, label: t("audience.everybody") }, ...segments.map((each) => ({ value: each.segment_id, label: each.name }))]} />
      {segmentId !== undefined && <span role="status" className="shrink-0 text-sm text-muted">{one.data ? countText(one.data, t) : ""}</span>}
    </div>
  );
}

/** What is done with all contacts, and with the segment that is chosen. */
export function ContactsMenu({ segmentId, text, contactId, onChoose }: SegmentFilterProps) {
  const t = useT();
  const toast = useToast();
  const may = useCan("agent");
  const segment = useSegments().data?.find((each) => each.segment_id === segmentId);
  const [editing, setEditing] = useState<Segment | "new" | null>(null);
  const [importing, setImporting] = useState(false);
  const [asking, setAsking] = useState(false);
  const [deleting, setDeleting] = useState(false);

  // The card beside it loads the contact: this looks at what is there.
  const card = useQuery<Contact>({ queryKey: keys.contact(contactId ?? ""), queryFn: skipToken }).data;
  const member = segment?.kind === "list" ? card : undefined;

  async function takeOff(list: Segment, { contact_id: id, display_name: name }: Contact): Promise<void> {
    try {
      await api.delete(`/api/v1/segments/${list.segment_id}/members/${id}`);
      toast.success(t("audience.member_removed", { name }));
    } catch (error) {
      toast.error(error);
    } finally {
      for (const queryKey of [keys.contacts(), keys.segment(list.segment_id)]) void queryClient.invalidateQueries({ queryKey });
    }
  }

  async function remove(): Promise<void> {
    if (!segment) return;
    setDeleting(true);
    try {
      await api.delete(`/api/v1/segments/${segment.segment_id}`);
      toast.success(t("audience.segment_deleted", { name: segment.name }));
      onChoose(undefined);
    } catch (error) {
      toast.error(error);
    } finally {
      setDeleting(false);
      setAsking(false);
      void queryClient.invalidateQueries({ queryKey: keys.segments });
    }
  }

  const exported: MenuEntry = { label: t("audience.export"), icon: Download, onSelect: () => window.location.assign(`/api/v1/contacts.csv${query({ q: text, segment_id: segmentId })}`) };
  const items: MenuEntry[] = may
    ? [
        { label: t("audience.import"), icon: FileUp, onSelect: () => setImporting(true) },
        exported,
        { kind: "separator" },
        { label: t("audience.segment_new"), icon: Plus, onSelect: () => setEditing("new") },
        ...(segment && member
          ? [{ label: t("audience.member_remove", { name: member.display_name }), icon: UserRoundMinus, onSelect: () => void takeOff(segment, member) }]
          : []),
        ...(segment
          ? [
              { label: t("audience.segment_edit", { name: segment.name }), icon: Pencil, onSelect: () => setEditing(segment) },
              { label: t("audience.segment_delete", { name: segment.name }), icon: Trash2, danger: true, onSelect: () => setAsking(true) },
            ]
          : []),
      ]
    : [exported];
  return (
    <>
      <DropdownMenu items={items} trigger={<IconButton icon={Ellipsis} label={t("audience.menu")} />} />
      <Suspense>
        {editing && <SegmentDialog segment={editing === "new" ? null : editing} onClose={() => setEditing(null)} onMade={onChoose} />}
        {importing && <ImportDialog segmentId={segment?.kind === "list" ? segment.segment_id : undefined} onClose={() => setImporting(false)} />}
      </Suspense>
      <AlertDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("audience.segment_ask_delete", { name: segment?.name ?? "" })}
        description={t("audience.segment_ask_delete_text")}
        action={t("common.delete")}
        danger
        pending={deleting}
        onAction={() => void remove()}
      />
    </>
  );
}
