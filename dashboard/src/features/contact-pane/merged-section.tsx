import { Merge } from "lucide-react";
import { useState } from "react";
import type { Contact } from "@/api/types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { unmergeContact } from "@/features/contact-pane/contact-changes";
import { Nothing, Section } from "@/features/contact-pane/section";
import { useTell } from "@/features/contact-pane/use-contact";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** The contacts that turned out to be this one. */
export function MergedSection({ contact, onMerge }: { contact: Contact; onMerge: () => void }) {
  const t = useT();
  const tell = useTell();
  const mayEdit = useCan("agent");
  const [asked, setAsked] = useState<Contact["merged"][number]>();
  const [open, setOpen] = useState(false);
  const [pending, setPending] = useState(false);
  const params = { name: asked?.display_name ?? "" };
  async function takeOut(): Promise<void> {
    if (!asked) return;
    setPending(true);
    await tell(unmergeContact(contact, asked.contact_id), { done: t("contacts.unmerged", params) });
    setPending(false);
    setOpen(false);
  }
  return (
    <Section name="merged" title={t("contacts.merged")} count={contact.merged.length} closed={contact.merged.length === 0}>
      {contact.merged.length === 0 && <Nothing>{t("contacts.merged_empty")}</Nothing>}
      <ul className="flex flex-col gap-2">
        {contact.merged.map((each) => (
          <li key={each.contact_id} className="flex items-center gap-2">
            <Avatar name={each.display_name} id={each.contact_id} size="sm" />
            <span className="min-w-0 flex-1">
              <span className="block truncate"><bdi>{each.display_name}</bdi></span>
              {each.display_name !== each.address && <span className="block truncate text-sm text-muted"><bdi dir="ltr">{each.address}</bdi></span>}
            </span>
            {mayEdit && (
              <Button
                size="sm"
                variant="ghost"
                className="text-muted"
                aria-label={t("contacts.unmerge_label", { name: each.display_name })}
                onClick={() => {
                  setAsked(each);
                  setOpen(true);
                }}
              >
                {t("contacts.unmerge")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayEdit && (
        <Button size="sm" className="mt-3" onClick={onMerge}>
          <Merge aria-hidden />
          {t("contacts.merge")}
        </Button>
      )}
      <AlertDialog
        open={open}
        onOpenChange={setOpen}
        title={t("contacts.unmerge_title", params)}
        description={t("contacts.unmerge_text", params)}
        action={t("contacts.unmerge")}
        pending={pending}
        onAction={() => void takeOut()}
      />
    </Section>
  );
}
