import { useNavigate } from "@tanstack/react-router";
import { Ban, Ellipsis, ExternalLink, Merge } from "lucide-react";
import { useState } from "react";
import type { Contact } from "@/api/types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { IconButton } from "@/components/ui/icon-button";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { changeContact, setBlocked } from "@/features/contact-pane/contact-changes";
import { InlineEdit } from "@/features/contact-pane/inline-edit";
import { useTell } from "@/features/contact-pane/use-contact";
import { formatDate, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const LONGEST_NAME = 200;

export interface ContactHeaderProps {
  contact: Contact;
  /** It stands beside a thread, and not on its own page. */
  beside: boolean;
  onMerge: () => void;
}

/** Who it is, and what can be done with the whole of it. */
export function ContactHeader({ contact, beside, onMerge }: ContactHeaderProps) {
  const t = useT();
  const tell = useTell();
  const mayEdit = useCan("agent");
  const [asking, setAsking] = useState(false);
  const block = (blocked: boolean): void => {
    setAsking(false);
    const name = contact.display_name;
    const undo = { label: t("common.undo"), run: () => block(!blocked) };
    void tell(setBlocked(contact, blocked), blocked ? { done: t("contacts.blocked", { name }), undo } : { done: t("contacts.unblocked", { name }) });
  };
  return (
    <header className="flex flex-col gap-3 px-4 pt-4 pb-3">
      <div className="flex items-start gap-3">
        <Avatar name={contact.display_name} id={contact.contact_id} size="lg" className="size-12!" />
        <div className="min-w-0 flex-1">
          <h2 className="flex text-lg font-semibold">
            <InlineEdit
              label={t("contacts.name")}
              value={contact.display_name}
              offer={t("contacts.name_add")}
              mayEdit={mayEdit}
              input={{ maxLength: LONGEST_NAME }}
              onSave={(name) => void tell(changeContact(contact, { display_name: name === "" ? null : name }))}
            />
          </h2>
          <p className="text-sm text-muted">{t("contacts.since", { date: formatDate(contact.created_at) })}</p>
        </div>
        <HeaderMenu contact={contact} beside={beside} onMerge={onMerge} onBlock={() => setAsking(true)} />
      </div>
      {contact.blocked_at !== null && (
        <div className="flex flex-wrap items-center gap-2 rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
          <Ban aria-hidden className="size-4 shrink-0" />
          <span className="min-w-0 flex-1 basis-40">{t("contacts.blocked_since", { date: formatDate(contact.blocked_at) })}</span>
          {mayEdit && <Button size="sm" onClick={() => setAsking(true)}>{t("contacts.unblock")}</Button>}
        </div>
      )}
      <BlockQuestion contact={contact} open={asking} onOpenChange={setAsking} onBlock={block} />
    </header>
  );
}

interface HeaderMenuProps extends ContactHeaderProps {
  onBlock: () => void;
}

function HeaderMenu({ contact, beside, onMerge, onBlock }: HeaderMenuProps) {
  const t = useT();
  const navigate = useNavigate();
  const mayEdit = useCan("agent");
  const page: MenuEntry = {
    label: t("contacts.open_page"),
    icon: ExternalLink,
    onSelect: () => void navigate({ to: "/contacts/$contactId", params: { contactId: contact.contact_id }, search: {} }),
  };
  const blocked = contact.blocked_at !== null;
  const changes: MenuEntry[] = [
    { label: t("contacts.merge"), icon: Merge, onSelect: onMerge },
    { kind: "separator" },
    { label: t(blocked ? "contacts.unblock_ask" : "contacts.block_ask"), icon: Ban, danger: !blocked, onSelect: onBlock },
  ];
  const items = [...(beside ? [page] : []), ...(mayEdit ? changes : [])];
  if (items.length === 0) return null;
  return <DropdownMenu items={items} trigger={<IconButton icon={Ellipsis} label={t("contacts.actions")} tooltip={false} className="-me-2" />} />;
}

interface BlockQuestionProps {
  contact: Contact;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onBlock: (blocked: boolean) => void;
}

function BlockQuestion({ contact, open, onOpenChange, onBlock }: BlockQuestionProps) {
  const t = useT();
  const blocked = contact.blocked_at !== null;
  const params = { name: contact.display_name };
  return (
    <AlertDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t(blocked ? "contacts.unblock_title" : "contacts.block_title", params)}
      description={t(blocked ? "contacts.unblock_text" : "contacts.block_text")}
      action={t(blocked ? "contacts.unblock" : "contacts.block")}
      danger={!blocked}
      onAction={() => onBlock(!blocked)}
    />
  );
}
