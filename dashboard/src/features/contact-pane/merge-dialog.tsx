import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, ArrowLeftRight } from "lucide-react";
import { useState } from "react";
import type { Contact } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog } from "@/components/ui/dialog";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { idsOf } from "@/features/contact-pane/contact-cache";
import { changeContact, type ContactChange, mergeContacts, unmergeContact } from "@/features/contact-pane/contact-changes";
import { ContactSearch } from "@/features/contact-pane/contact-search";
import { MergePreview } from "@/features/contact-pane/merge-preview";
import { merged, missing, originalOf } from "@/features/contact-pane/merging";
import { useTell } from "@/features/contact-pane/use-contact";
import { showToast } from "@/components/ui/toast-store";
import { api } from "@/lib/http";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";
import { keys } from "@/lib/query";

/** First whom, then which of the two stays and what of the other is kept. */
export function MergeDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useT();
  const [otherId, setOtherId] = useState<string>();
  if (otherId !== undefined) return <Comparison contact={contact} otherId={otherId} onBack={() => setOtherId(undefined)} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("contacts.merge_title", { name: contact.display_name })}
      description={t("contacts.merge_text")}
    >
      <ContactSearch without={idsOf(contact)} onChoose={setOtherId} />
    </Dialog>
  );
}

/** As if it had not been: also what was copied goes again. */
async function takeApart(result: Contact, gone: Contact, kept: Contact, copied: ContactChange | null): Promise<void> {
  await unmergeContact(result, gone.contact_id);
  if (copied) await changeContact(kept, originalOf(kept, copied));
}

interface ComparisonProps {
  contact: Contact;
  otherId: string;
  onBack: () => void;
  onClose: () => void;
}

function Comparison({ contact, otherId, onBack, onClose }: ComparisonProps) {
  const t = useT();
  const tell = useTell();
  const [otherStays, setOtherStays] = useState(false);
  const [copying, setCopying] = useState(true);
  const [pending, setPending] = useState(false);
  const query = useQuery({
    queryKey: keys.contact(otherId),
    queryFn: ({ signal }) => api.get<Contact>(`/api/v1/contacts/${otherId}`, undefined, { signal }),
  });
  const other = query.data;
  const [kept, gone] = otherStays ? [other, contact] : [contact, other];
  const lacking = kept && gone ? missing(kept, gone) : null;
  const copied = copying ? lacking : null;
  const unequal = other !== undefined && (other.blocked_at === null) !== (contact.blocked_at === null);

  async function merge(): Promise<void> {
    if (!kept || !gone) return;
    setPending(true);
    try {
      const result = await mergeContacts(gone, kept, copied);
      onClose();
      const run = () => void tell(takeApart(result, gone, kept, copied));
      showToast(t("contacts.merge_done", { gone: gone.display_name, kept: result.display_name }), { action: { label: t("common.undo"), run } });
    } catch (error) {
      showToast(errorText(error), { tone: "danger" });
      setPending(false);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !pending && onClose()}
      title={t("contacts.merge_compare_title")}
      description={t("contacts.merge_compare_text")}
      size="lg"
      footer={
        <>
          <Button onClick={onBack} className="me-auto">
            <ArrowLeft aria-hidden className="rtl:-scale-x-100" />
            {t("common.back")}
          </Button>
          {/* Where the keys begin, as in every question. */}
          {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
          <Button autoFocus onClick={onClose}>{t("common.cancel")}</Button>
          <Button variant="primary" pending={pending} disabled={!other || unequal} onClick={() => void merge()}>{t("contacts.merge_action")}</Button>
        </>
      }
    >
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} retrying={query.isFetching} />}
      {query.isPending && <Skeleton className="h-72 w-full" />}
      {kept && gone && (
        <div className="flex flex-col gap-3">
          <MergePreview kept={kept} gone={gone} result={merged(kept, gone, copied)} />
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <Button size="sm" onClick={() => setOtherStays(!otherStays)}>
              <ArrowLeftRight aria-hidden />
              {t("contacts.merge_swap", { name: gone.display_name })}
            </Button>
            {lacking && <Checkbox checked={copying} onChange={setCopying}>{t("contacts.merge_copy", { name: kept.display_name })}</Checkbox>}
          </div>
          {unequal && <p role="alert" className="rounded-md bg-warning-soft px-3 py-2 text-warning">{t("contacts.merge_blocked")}</p>}
          <p className="text-sm text-muted">{t(copied ? "contacts.merge_undo_copied" : "contacts.merge_undo", { name: gone.display_name })}</p>
        </div>
      )}
    </Dialog>
  );
}
