import { Plus, X } from "lucide-react";
import { useId, useRef, useState } from "react";
import type { Contact } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { LONGEST_NAME, LONGEST_VALUE, MOST_ATTRIBUTES, nameProblem } from "@/features/contact-pane/attribute-rules";
import { findContact } from "@/features/contact-pane/contact-cache";
import { changeContact } from "@/features/contact-pane/contact-changes";
import { InlineEdit, useOwnEscape } from "@/features/contact-pane/inline-edit";
import { Nothing, Section } from "@/features/contact-pane/section";
import { useTell } from "@/features/contact-pane/use-contact";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { queryClient } from "@/lib/query";

/** What the business wrote down of the contact, by name. Canned replies can put it into texts. */
export function AttributesSection({ contact }: { contact: Contact }) {
  const t = useT();
  const tell = useTell();
  const mayEdit = useCan("agent");
  const [adding, setAdding] = useState(false);
  const plus = useRef<HTMLButtonElement>(null);
  const names = Object.keys(contact.attributes).sort((one, other) => one.localeCompare(other));
  const set = (change: (attributes: Record<string, string>) => Record<string, string>) => {
    const now = findContact(queryClient, contact.contact_id) ?? contact;
    return changeContact(now, { attributes: change(now.attributes) });
  };
  const put = (name: string, value: string) => void tell(set((all) => ({ ...all, [name]: value })));
  const remove = (name: string) => {
    const value = contact.attributes[name] ?? "";
    const undo = { label: t("common.undo"), run: () => put(name, value) };
    void tell(set((all) => Object.fromEntries(Object.entries(all).filter(([each]) => each !== name))), { done: t("contacts.attribute_removed", { name }), undo });
    plus.current?.focus();
  };
  const full = names.length >= MOST_ATTRIBUTES;
  return (
    <Section
      name="attributes"
      title={t("contacts.attributes")}
      count={names.length}
      action={mayEdit && !full && (
        <IconButton ref={plus} icon={Plus} label={t("contacts.attribute_add")} tooltip={false} onClick={() => setAdding(true)} />
      )}
    >
      {names.length === 0 && !adding && <Nothing>{t("contacts.attributes_empty")}</Nothing>}
      {names.length > 0 && (
        <dl className="flex flex-col gap-2">
          {names.map((name) => (
            <div key={name} className="group/line">
              <dt className="text-sm wrap-anywhere text-muted"><bdi>{name}</bdi></dt>
              <dd className="flex min-h-7 items-start gap-1">
                <InlineEdit
                  label={name}
                  value={contact.attributes[name] ?? ""}
                  offer={t("contacts.attribute_value_add")}
                  mayEdit={mayEdit}
                  input={{ maxLength: LONGEST_VALUE }}
                  onSave={(value) => (value === "" ? remove(name) : put(name, value))}
                />
                {mayEdit && (
                  <IconButton
                    icon={X}
                    size="sm"
                    label={t("contacts.attribute_remove", { name })}
                    tooltip={false}
                    onClick={() => remove(name)}
                    className="opacity-0 group-hover/line:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100"
                  />
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {adding && (
        <NewAttribute
          attributes={contact.attributes}
          onAdd={put}
          onClose={() => {
            setAdding(false);
            plus.current?.focus();
          }}
        />
      )}
    </Section>
  );
}

interface NewAttributeProps {
  attributes: Record<string, string>;
  onAdd: (name: string, value: string) => void;
  onClose: () => void;
}

function NewAttribute({ attributes, onAdd, onClose }: NewAttributeProps) {
  const t = useT();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const [tried, setTried] = useState(false);
  useOwnEscape(form, onClose);
  const problem = nameProblem(name, attributes);
  const valueProblem = value.trim() === "" ? t("contacts.attribute_value_missing") : null;
  return (
    <form
      ref={form}
      id={id}
      noValidate
      aria-label={t("contacts.attribute_add")}
      className="mt-2 flex flex-col gap-2 rounded-md border border-line bg-canvas p-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (problem !== null || valueProblem !== null) return;
        onAdd(name.trim(), value.trim());
        onClose();
      }}
    >
      <Field label={t("contacts.attribute_name")} error={tried ? problem : null} required>
        {(control) => (
          // The form was asked for a moment ago: typing is what comes next.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          <Input {...control} autoFocus maxLength={LONGEST_NAME} value={name} autoComplete="off" placeholder={t("contacts.attribute_name_hint")} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field label={t("contacts.attribute_value")} error={tried ? valueProblem : null} required>
        {(control) => <Input {...control} maxLength={LONGEST_VALUE} value={value} autoComplete="off" onChange={(event) => setValue(event.target.value)} />}
      </Field>
      <div className="flex justify-end gap-2">
        <Button size="sm" onClick={onClose}>{t("common.cancel")}</Button>
        <Button size="sm" type="submit" variant="primary">{t("common.add")}</Button>
      </div>
    </form>
  );
}
