import { Braces } from "lucide-react";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import type { ChannelKind } from "@/api/types";
import type { Channel } from "@/features/settings/channels/use-channels";
import { ButtonFields } from "@/features/settings/templates/button-fields";
import {
  CATEGORIES, HEADER_KINDS, LONGEST, nameOf, nextVariable, variablesOf, type DraftField, type DraftProblem, type TemplateDraft,
} from "@/features/settings/templates/template-draft";
import { LANGUAGES, languageName, useT } from "@/lib/i18n";

export interface TemplateFieldsProps {
  draft: TemplateDraft;
  kind: ChannelKind;
  channels: readonly Channel[];
  /** One that is there keeps its channel. */
  fresh: boolean;
  problems: Partial<Record<DraftField, DraftProblem>>;
  refused: Partial<Record<string, string>>;
  onChange: (change: Partial<TemplateDraft>) => void;
}

const MORE_LANGUAGES = ["en_US", "en_GB", "es_MX", "es_ES", "pt_BR", "pt_PT", "it", "nl", "ca", "pl", "tr", "ru", "id", "ja", "zh_CN"];

export function TemplateFields({ draft, kind, channels, fresh, problems, refused, onChange }: TemplateFieldsProps) {
  const t = useT();
  const area = useRef<HTMLTextAreaElement>(null);
  const isSms = kind === "sms";
  const errorOf = (field: DraftField) => {
    const problem = problems[field];
    return problem && t(problem.text, problem.params);
  };
  const languages = [...new Set([draft.language, ...Object.keys(LANGUAGES), ...MORE_LANGUAGES])];

  function insert(): void {
    const variable = `{{${nextVariable(draft, kind)}}}`;
    const { selectionStart: start = draft.body.length, selectionEnd: end = start } = area.current ?? {};
    onChange({ body: draft.body.slice(0, start) + variable + draft.body.slice(end) });
    setTimeout(() => {
      area.current?.focus();
      area.current?.setSelectionRange(start + variable.length, start + variable.length);
    }, 50);
  }

  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("outreach.new_channel")} error={refused["channel_id"]}>
          {(control) => (
            <Select {...control} disabled={!fresh} value={draft.channelId} onChange={(channelId) => onChange({ channelId })}
              options={channels.map((each) => ({ value: each.channel_id, label: `${t(`common.channel_${each.channel}`)} · ${each.address}` }))} />
          )}
        </Field>
        <Field label={t("common.name")} required error={errorOf("name") ?? refused["name"]}>
          {(control) => (
            <Input {...control} dir="ltr" autoCapitalize="none" autoComplete="off" className="font-mono" placeholder="appointment_reminder" value={draft.name}
              onChange={(event) => onChange({ name: nameOf(event.target.value) })} />
          )}
        </Field>
        <Field label={t("outreach.language")} error={refused["language"]}>
          {(control) => (
            <Select {...control} value={draft.language} onChange={(language) => onChange({ language })}
              options={languages.map((each) => ({ value: each, label: languageName(each.replace("_", "-")) }))} />
          )}
        </Field>
        <Field label={t("outreach.category")} description={t(`outreach.category_${draft.category}_hint`)} error={refused["category"]}>
          {(control) => (
            <Select {...control} value={draft.category} onChange={(category) => onChange({ category })}
              options={CATEGORIES.map((each) => ({ value: each, label: t(`outreach.category_${each}`) }))} />
          )}
        </Field>
      </div>
      {!isSms && <HeaderFields draft={draft} error={errorOf("header") ?? refused["header"]} onChange={onChange} />}
      <Field
        label={t("outreach.body")}
        required
        description={
          <span className="flex items-center justify-between gap-2">
            <Button size="sm" variant="ghost" className="-ms-2" onClick={insert}>
              <Braces aria-hidden />
              {t("outreach.variable_add")}
            </Button>
            <span>{draft.body.length} / {isSms ? LONGEST.sms : LONGEST.body}</span>
          </span>
        }
        error={errorOf("body") ?? refused["body"]}
      >
        {(control) => (
          <Textarea {...control} ref={area} dir="auto" rows={5} className="max-h-72 min-h-28" placeholder={t("outreach.body_example")} value={draft.body}
            onChange={(event) => onChange({ body: event.target.value })} />
        )}
      </Field>
      <Samples draft={draft} kind={kind} errorOf={errorOf} onChange={onChange} />
      {!isSms && (
        <>
          <Field label={t("outreach.footer")} optional error={errorOf("footer") ?? refused["footer"]}>
            {(control) => (
              <Input {...control} dir="auto" maxLength={LONGEST.footer} placeholder={t("outreach.footer_example")} value={draft.footer}
                onChange={(event) => onChange({ footer: event.target.value })} />
            )}
          </Field>
          <ButtonFields buttons={draft.buttons} errorOf={(place) => errorOf(`button ${place}`)} refused={refused["buttons"]} onChange={(buttons) => onChange({ buttons })} />
        </>
      )}
    </div>
  );
}

interface PartProps {
  draft: TemplateDraft;
  onChange: (change: Partial<TemplateDraft>) => void;
}

function HeaderFields({ draft, error, onChange }: PartProps & { error: string | undefined }) {
  const t = useT();
  const isFile = draft.headerKind !== "none" && draft.headerKind !== "text";
  return (
    <div className="grid gap-3 sm:grid-cols-[11rem_1fr]">
      <Field label={t("outreach.header")}>
        {(control) => (
          <Select {...control} value={draft.headerKind} onChange={(headerKind) => onChange({ headerKind })}
            options={HEADER_KINDS.map((each) => ({ value: each, label: t(`outreach.header_${each}`) }))} />
        )}
      </Field>
      {draft.headerKind === "text" && (
        <Field label={t("outreach.header_words")} required error={error}>
          {(control) => <Input {...control} dir="auto" maxLength={LONGEST.header} value={draft.headerText} onChange={(event) => onChange({ headerText: event.target.value })} />}
        </Field>
      )}
      {isFile && (
        <Field label={t("outreach.header_url")} required error={error} description={t("outreach.header_url_hint")}>
          {(control) => (
            <Input {...control} type="url" dir="ltr" autoComplete="off" placeholder="https://" value={draft.headerUrl} onChange={(event) => onChange({ headerUrl: event.target.value })} />
          )}
        </Field>
      )}
    </div>
  );
}

/** One for each variable: reviewers judge by them, and the preview shows them. */
function Samples({ draft, kind, errorOf, onChange }: PartProps & { kind: ChannelKind; errorOf: (field: DraftField) => string | undefined }) {
  const t = useT();
  const names = variablesOf(draft, kind);
  if (names.length === 0) return null;
  return (
    <fieldset className="rounded-lg border border-line p-3">
      <legend className="px-1 text-sm font-medium">{t("outreach.samples")}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {names.map((name) => (
          <Field key={name} label={`{{${name}}}`} required error={errorOf(`sample ${name}`)}>
            {(control) => (
              <Input {...control} dir="auto" autoComplete="off" maxLength={200} value={draft.samples[name] ?? ""}
                onChange={(event) => onChange({ samples: { ...draft.samples, [name]: event.target.value } })} />
            )}
          </Field>
        ))}
      </div>
    </fieldset>
  );
}
