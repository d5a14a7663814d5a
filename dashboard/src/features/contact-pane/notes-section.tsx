import { Trash2 } from "lucide-react";
import { useId, useRef, useState } from "react";
import type { Contact, ContactNote } from "@/api/types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Textarea } from "@/components/ui/textarea";
import { addNote, deleteNote, isUnsent } from "@/features/contact-pane/contact-changes";
import { Nothing, Section } from "@/features/contact-pane/section";
import { useTell } from "@/features/contact-pane/use-contact";
import { cx } from "@/lib/class-names";
import { formatDateTime, formatRelative, useT } from "@/lib/i18n";
import { useCan, useMe } from "@/lib/me";
import { local, useStored } from "@/lib/storage";

const LONGEST = 5000;
const AT_FIRST = 5;

/** What people tell each other about the contact. */
export function NotesSection({ contact }: { contact: Contact }) {
  const t = useT();
  const tell = useTell();
  const mayEdit = useCan("agent");
  const [all, setAll] = useState(false);
  const [asked, setAsked] = useState<ContactNote>();
  const [open, setOpen] = useState(false);
  const shown = all ? contact.notes : contact.notes.slice(0, AT_FIRST);
  const left = contact.notes.length - shown.length;
  return (
    <Section name="notes" title={t("contacts.notes")} count={contact.notes.length}>
      {mayEdit && <NewNote contact={contact} />}
      {!mayEdit && contact.notes.length === 0 && <Nothing>{t("contacts.notes_empty")}</Nothing>}
      <ul className="flex flex-col gap-2">
        {shown.map((note) => (
          <Note
            key={note.note_id}
            note={note}
            onDelete={() => {
              setAsked(note);
              setOpen(true);
            }}
          />
        ))}
      </ul>
      {left > 0 && <Button size="sm" variant="ghost" className="mt-2" onClick={() => setAll(true)}>{t("contacts.notes_more", { count: left })}</Button>}
      <AlertDialog
        open={open}
        onOpenChange={setOpen}
        title={t("contacts.note_delete_title")}
        description={t("contacts.note_delete_text")}
        action={t("common.delete")}
        danger
        onAction={() => {
          setOpen(false);
          if (asked) void tell(deleteNote(contact, asked));
        }}
      />
    </Section>
  );
}

function Note({ note, onDelete }: { note: ContactNote; onDelete: () => void }) {
  const t = useT();
  const me = useMe();
  const isAdmin = useCan("admin");
  const mayWrite = useCan("agent");
  const unsent = isUnsent(note);
  const mine = note.person?.person_id === me.person_id;
  const author = note.person === null ? t("contacts.note_nobody") : mine ? t("common.you") : note.person.name || note.person.email;
  return (
    <li className={cx("group/note rounded-md border border-note-line/50 bg-note px-2.5 py-2 text-note-ink", unsent && "opacity-70")}>
      <p className="wrap-anywhere whitespace-pre-wrap"><bdi>{note.content}</bdi></p>
      <div className="mt-1 flex min-h-6 items-center gap-1 text-sm">
        <span className="min-w-0 flex-1 truncate">
          <bdi>{author}</bdi>
          {" · "}
          <time dateTime={note.created_at} title={formatDateTime(note.created_at)}>{unsent ? t("contacts.note_saving") : formatRelative(note.created_at)}</time>
        </span>
        {mayWrite && (mine || isAdmin) && !unsent && (
          <IconButton
            icon={Trash2}
            size="sm"
            label={t("contacts.note_delete")}
            tooltip={false}
            onClick={onDelete}
            className="text-note-ink! opacity-0 group-hover/note:opacity-100 not-disabled:hover:bg-black/10 focus-visible:opacity-100 pointer-coarse:opacity-100"
          />
        )}
      </div>
    </li>
  );
}

/** What is typed stays until it is saved, also when another conversation is opened meanwhile. */
function NewNote({ contact }: { contact: Contact }) {
  const t = useT();
  const tell = useTell();
  const id = useId();
  const name = `note-draft:${contact.contact_id}`;
  const [typed, setTyped] = useStored(name, "");
  const area = useRef<HTMLTextAreaElement>(null);
  async function save(): Promise<void> {
    const text = typed.trim();
    if (text === "") return;
    local.remove(name);
    area.current?.focus();
    const kept = await tell(addNote(contact, text));
    // Refused: nothing of it is lost, unless something new is there already.
    if (!kept && local.get<string>(name, "") === "") local.set(name, text);
  }
  return (
    <form
      className="mb-3 flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label htmlFor={id} className="sr-only">{t("contacts.note_new")}</label>
      <Textarea
        ref={area}
        id={id}
        rows={1}
        maxLength={LONGEST}
        value={typed}
        placeholder={t("contacts.note_placeholder")}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return;
          event.preventDefault();
          void save();
        }}
        className="max-h-48 min-h-8"
      />
      {typed.trim() !== "" && (
        <Button type="submit" size="sm" variant="primary" className="self-end">{t("contacts.note_save")}</Button>
      )}
    </form>
  );
}
