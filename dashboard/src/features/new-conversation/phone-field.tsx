import { useQuery } from "@tanstack/react-query";
import { useId, useState, type KeyboardEvent } from "react";
import type { ContactRow, Page } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { FLOATING, MENU_ITEM } from "@/components/ui/menu-class";
import { countryName, flag, hasFlags } from "@/features/contact-pane/country";
import type { ReadNumber } from "@/features/new-conversation/phone-number";
import { cx } from "@/lib/class-names";
import { api } from "@/lib/http";
import { useLanguage, useT } from "@/lib/i18n";

const MOST = 5;
const LEAST_LETTERS = 2;

export interface PhoneFieldProps {
  value: string;
  number: ReadNumber;
  /** What is wrong with it, once that is told. */
  error: string | null | undefined;
  onChange: (typed: string) => void;
  onContact: (contact: ContactRow) => void;
  onLeave: () => void;
}

/** A number, or a name that finds one. */
export function PhoneField({ value, number, error, onChange, onContact, onLeave }: PhoneFieldProps) {
  const t = useT();
  const listId = useId();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const contacts = useSuggestions(open ? value : "");
  const shown = open && contacts.length > 0;

  function choose(contact: ContactRow): void {
    setOpen(false);
    setActive(-1);
    onContact(contact);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (!shown || event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = contacts[active];
    if (step !== undefined) setActive((active + step + contacts.length) % contacts.length);
    else if (event.key === "Enter" && chosen) choose(chosen);
    else if (event.key === "Escape") setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <Field label={t("outreach.new_phone")} required error={error} description={<Country number={number} />} className="relative">
      {(control) => (
        <>
          <Input
            {...control}
            role="combobox"
            aria-expanded={shown}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={shown && active >= 0 ? `${listId}-${active}` : undefined}
            // The dialog was opened to say whom to write to.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            dir="ltr"
            inputMode="tel"
            autoComplete="off"
            placeholder="+34 600 111 222"
            value={value}
            onChange={(event) => {
              onChange(event.target.value);
              setOpen(true);
              setActive(-1);
            }}
            onKeyDown={onKeyDown}
            onBlur={() => {
              setOpen(false);
              onLeave();
            }}
          />
          <div id={listId} role="listbox" aria-label={t("outreach.new_contacts")} className={cx(FLOATING, "absolute inset-x-0 top-14 p-1", !shown && "hidden")}>
            {contacts.map((contact, place) => (
              // The keys are the field's: see aria-activedescendant.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={contact.contact_id}
                id={`${listId}-${place}`}
                role="option"
                tabIndex={-1}
                aria-selected={place === active}
                data-highlighted={place === active ? "" : undefined}
                onPointerMove={() => setActive(place)}
                // Before the field loses the focus, and the list goes.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => choose(contact)}
                className={MENU_ITEM}
              >
                <span className="min-w-0 flex-1 truncate">{contact.display_name || contact.address}</span>
                <bdi className="text-sm text-faint">{contact.address}</bdi>
              </div>
            ))}
          </div>
        </>
      )}
    </Field>
  );
}

function Country({ number }: { number: ReadNumber }) {
  const t = useT();
  const language = useLanguage();
  if (!number.country) return t("outreach.new_phone_hint");
  return (
    <span className={cx(number.unusual && "text-warning")}>
      {hasFlags() && <span aria-hidden>{flag(number.country)} </span>}
      {countryName(number.country, language)}
      {number.e164 && <> · <bdi>{number.written}</bdi></>}
      {number.unusual && <> · {t("outreach.number_unusual")}</>}
    </span>
  );
}

function useSuggestions(typed: string): readonly ContactRow[] {
  const text = typed.trim();
  const found = useQuery({
    queryKey: ["contact-suggestions", text],
    queryFn: ({ signal }) => api.get<Page<ContactRow>>("/api/v1/contacts", { q: text.replace(/[\s().-]/g, (sign) => (/^[\d+\s().-]*$/.test(text) ? "" : sign)), limit: MOST }, { signal }),
    enabled: text.length >= LEAST_LETTERS,
    placeholderData: (previous) => previous,
  });
  if (text.length < LEAST_LETTERS) return [];
  return (found.data?.items ?? []).slice(0, MOST);
}
