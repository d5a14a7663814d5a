import { useMemo } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { LONGEST_AHEAD, localValue, timeZone } from "@/features/composer/schedule";
import { OpeningFields } from "@/features/new-conversation/opening-fields";
import { PhoneField } from "@/features/new-conversation/phone-field";
import { TYPES } from "@/features/new-conversation/start";
import type { NewConversationForm } from "@/features/new-conversation/use-new-conversation";
import { useAssistantNames, useOwnTypes, type SendingChannel } from "@/features/new-conversation/use-sending-channels";
import { useT } from "@/lib/i18n";

const DEFAULT = "default";

export function NewConversationFields({ form, channels }: { form: NewConversationForm; channels: readonly SendingChannel[] }) {
  const t = useT();
  const { draft, number, channel, set, errorAt } = form;
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("outreach.new_channel")} error={errorAt("channel")}>
          {(control) => (
            <Select
              {...control}
              value={draft.channel}
              // Templates are of one channel.
              onChange={(chosen) => set({ channel: chosen, template: null, way: chosen === "wmsg" ? "template" : "instruction" })}
              options={channels.map((each) => ({ value: each.channel, label: `${t(`common.channel_${each.channel}`)} · ${each.address}` }))}
            />
          )}
        </Field>
        <PhoneField
          value={draft.phone}
          number={number}
          error={errorAt("phone")}
          onChange={(phone) => set({ phone })}
          onContact={(contact) => set({ phone: contact.address, name: contact.display_name === contact.address ? "" : contact.display_name, email: contact.email ?? "" })}
          onLeave={form.leavePhone}
        />
        <Field label={t("common.name")} optional error={errorAt("name")}>
          {(control) => <Input {...control} dir="auto" autoComplete="off" maxLength={200} value={draft.name} onChange={(event) => set({ name: event.target.value })} />}
        </Field>
        <Field label={t("outreach.new_email")} optional error={errorAt("email")}>
          {(control) => <Input {...control} type="email" dir="ltr" autoComplete="off" maxLength={254} value={draft.email} onChange={(event) => set({ email: event.target.value })} />}
        </Field>
      </div>
      <OpeningFields
        draft={draft}
        channelId={channel?.channel_id}
        number={number.e164 ?? ""}
        tried={form.tried}
        instructionError={errorAt("instruction")}
        templateError={errorAt("template")}
        refused={form.refused}
        onChange={set}
      />
      <MoreFields form={form} />
    </>
  );
}

function MoreFields({ form }: { form: NewConversationForm }) {
  const t = useT();
  const { draft, set, errorAt } = form;
  const assistants = useAssistantNames();
  const own = useOwnTypes();
  const now = useMemo(() => new Date(), []);
  const standard = assistants.find((each) => each.is_default);
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field label={t("outreach.new_type")} error={errorAt("type")}>
        {(control) => (
          <Select
            {...control}
            value={draft.type}
            onChange={(type) => set({ type })}
            options={[...TYPES.map((type) => ({ value: type, label: t(`outreach.type_${type}`) })), ...own.map((type) => ({ value: type, label: type }))]}
          />
        )}
      </Field>
      <Field label={t("outreach.new_assistant")} error={errorAt("assistant")}>
        {(control) => (
          <Select
            {...control}
            value={draft.assistantId || DEFAULT}
            onChange={(chosen) => set({ assistantId: chosen === DEFAULT ? "" : chosen })}
            options={[
              { value: DEFAULT, label: standard ? t("outreach.new_assistant_default", { name: standard.name }) : t("outreach.new_assistant_standard") },
              ...assistants.filter((each) => !each.is_default).map((each) => ({ value: each.assistant_id, label: each.name })),
            ]}
          />
        )}
      </Field>
      <Field label={t("outreach.new_send_at")} optional description={draft.sendAt ? t("composer.schedule_zone", { zone: timeZone() }) : t("outreach.new_send_now")} error={errorAt("sendAt")}>
        {(control) => (
          <Input
            {...control}
            type="datetime-local"
            value={draft.sendAt}
            min={localValue(now)}
            max={localValue(new Date(now.getTime() + LONGEST_AHEAD))}
            onChange={(event) => set({ sendAt: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
