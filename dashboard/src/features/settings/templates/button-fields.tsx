import { Plus, X } from "lucide-react";
import type { TemplateButton } from "@/api/outreach-types";
import { Button } from "@/components/ui/button";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { LONGEST, MOST_BUTTONS } from "@/features/settings/templates/template-draft";
import { BUTTON_ICONS } from "@/features/templates/template-preview";
import { useT } from "@/lib/i18n";

const KINDS: readonly TemplateButton["kind"][] = ["reply", "url", "phone"];

export interface ButtonFieldsProps {
  buttons: readonly TemplateButton[];
  errorOf: (place: number) => string | undefined;
  refused: string | undefined;
  onChange: (buttons: TemplateButton[]) => void;
}

/** What the customer can press below the message. */
export function ButtonFields({ buttons, errorOf, refused, onChange }: ButtonFieldsProps) {
  const t = useT();
  const change = (place: number, part: Partial<TemplateButton>) => onChange(buttons.map((each, at) => (at === place ? { ...each, ...part } : each)));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">
        {t("outreach.buttons")} <span className="font-normal text-faint">({t("common.optional")})</span>
      </legend>
      {buttons.map((button, place) => {
        const Icon = BUTTON_ICONS[button.kind];
        return (
          <div key={place} className="flex items-start gap-2">
            <Icon aria-hidden className="mt-2 size-4 shrink-0 text-muted" />
            <div className="grid flex-1 gap-2 sm:grid-cols-2">
              <Field label={t(`outreach.button_${button.kind}`)} hideLabel error={errorOf(place)} className={button.kind === "reply" ? "sm:col-span-2" : ""}>
                {(control) => (
                  <Input {...control} dir="auto" maxLength={LONGEST.button} placeholder={t(`outreach.button_${button.kind}`)} value={button.text} onChange={(event) => change(place, { text: event.target.value })} />
                )}
              </Field>
              {button.kind === "url" && (
                <Input type="url" dir="ltr" aria-label={t("outreach.button_url_address")} placeholder="https://example.com/{{1}}" value={button.url ?? ""} onChange={(event) => change(place, { url: event.target.value })} />
              )}
              {button.kind === "phone" && (
                <Input type="tel" dir="ltr" aria-label={t("outreach.button_phone_number")} placeholder="+34911222333" value={button.phone ?? ""} onChange={(event) => change(place, { phone: event.target.value })} />
              )}
            </div>
            <IconButton icon={X} tooltip={false} label={t("settings.remove_of", { name: button.text || t(`outreach.button_${button.kind}`) })} onClick={() => onChange(buttons.filter((_, at) => at !== place))} />
          </div>
        );
      })}
      {refused && <p role="alert" className="text-sm text-danger">{refused}</p>}
      {buttons.length < MOST_BUTTONS && (
        <DropdownMenu
          align="start"
          trigger={
            <Button size="sm" className="self-start">
              <Plus aria-hidden />
              {t("outreach.button_add")}
            </Button>
          }
          items={KINDS.map((kind) => ({ label: t(`outreach.button_${kind}`), icon: BUTTON_ICONS[kind], onSelect: () => onChange([...buttons, { kind, text: "" }]) }))}
        />
      )}
    </fieldset>
  );
}
