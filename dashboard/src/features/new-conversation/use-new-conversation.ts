/** The state of the dialog: what is typed, what is wrong with it, and what happens when it is sent. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Outreach, Started } from "@/api/outreach-types";
import { useToast } from "@/components/ui/toast";
import { problemOf as timeProblem } from "@/features/composer/schedule";
import { follow } from "@/features/new-conversation/follow";
import type { Beginning } from "@/features/new-conversation/opening";
import { countryOf, readNumber } from "@/features/new-conversation/phone-number";
import { fieldOf, startBody, type Draft, type StartField } from "@/features/new-conversation/start";
import type { SendingChannel } from "@/features/new-conversation/use-sending-channels";
import { refusedValues } from "@/features/templates/refusals";
import { namesOf, problemsOf } from "@/features/templates/template-text";
import { errorText } from "@/lib/error-text";
import { api, ApiError } from "@/lib/http";
import { formatDateTime, useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { useRequestKeys } from "@/lib/request-key";

const ASKED_EVERY_MS = 700;
const MOST_ASKED = 20;

export type NewConversationForm = ReturnType<typeof useNewConversation>;

export function useNewConversation(known: Beginning, channels: readonly SendingChannel[], onClose: () => void) {
  const t = useT();
  const toast = useToast();
  const navigate = useNavigate();
  const { domain } = useMe();
  const keyOf = useRequestKeys();
  const [first] = useState(() => firstDraft(known, channels));
  const [draft, setDraft] = useState(first);
  const [tried, setTried] = useState(false);
  const [leftPhone, setLeftPhone] = useState(false);
  const channel = channels.find((each) => each.channel === draft.channel);
  const number = readNumber(draft.phone, channel ? countryOf(channel.address) : null);
  const names = draft.template ? namesOf(draft.template) : [];

  const start = useMutation({
    mutationFn: async () => {
      if (!channel || number.e164 === null) throw new Error("the dialog sends only what is whole");
      const body = startBody(draft, channel.channel, number.e164, domain);
      const { call_id } = await api.post<Started>("/start", body, { headers: keyOf(body) });
      if (draft.sendAt) return { is: "scheduled" as const };
      return follow({
        ask: () => api.get<Outreach>(`/api/v1/outreach/${call_id}`),
        pause: () => new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS)),
        most: MOST_ASKED,
      });
    },
    onSuccess: (outcome) => {
      const name = draft.name.trim() || number.written;
      if (outcome.is === "refused") return;
      if (outcome.is === "conversation") {
        toast.success(t("outreach.new_started", { name }));
        void navigate({ to: "/inbox/$chatId", params: { chatId: outcome.chatId }, search: {} });
      } else if (outcome.is === "scheduled") {
        toast.success(t("outreach.new_scheduled", { name, at: formatDateTime(draft.sendAt) }));
      } else {
        toast(t("outreach.new_waiting", { name }));
      }
      onClose();
    },
  });

  const at = fieldOf(start.error);
  const refusedText = start.error ? errorText(start.error) : null;
  const refused = start.error instanceof ApiError && at === "template" ? refusedValues(start.error.detail, names) : {};
  const own: Partial<Record<StartField, string | null>> = {
    phone: number.problem && t(`outreach.number_${number.problem}`),
    instruction: draft.way === "instruction" && draft.instruction.trim() === "" ? t("outreach.new_instruction_missing") : null,
    template: draft.way === "template" && !draft.template ? t("outreach.new_template_missing") : null,
    sendAt: draft.sendAt === "" ? null : problemText(),
  };

  function problemText(): string | null {
    const problem = timeProblem(new Date(draft.sendAt), new Date());
    return problem && t(problem);
  }

  /** What is told beside a field: its own fault, else the server's. */
  function errorAt(field: StartField): string | null {
    const isTold = tried || (field === "phone" && leftPhone && draft.phone.trim() !== "") || field === "sendAt";
    if (isTold && own[field]) return own[field];
    return at === field && Object.keys(refused).length === 0 ? refusedText : null;
  }

  function submit(): void {
    setTried(true);
    if (start.isPending || Object.values(own).some(Boolean)) return;
    if (draft.way === "template" && Object.keys(problemsOf(names, draft.values, draft.channel !== "sms")).length > 0) return;
    start.mutate();
  }

  /** A template is asked for where none is to be chosen: WhatsApp's window is closed. */
  const isAboutOther = at === "template" && draft.way === "instruction";
  const isOver = start.data?.is === "refused" ? start.data.reason || t("outreach.new_refused") : null;
  return {
    draft,
    number,
    channel,
    tried,
    refused,
    errorAt,
    submit,
    isPending: start.isPending,
    isDirty: JSON.stringify(draft) !== JSON.stringify(first),
    /** The balance does not cover it. */
    isShort: at === "credit",
    whole: isOver ?? (at === null || at === "credit" || isAboutOther ? refusedText : null),
    leavePhone: () => setLeftPhone(true),
    set: (change: Partial<Draft>) => {
      setDraft((now) => ({ ...now, ...change }));
      if (!start.isPending) start.reset();
    },
  };
}

function firstDraft(known: Beginning, channels: readonly SendingChannel[]): Draft {
  const channel = channels[0]?.channel;
  return {
    channel,
    phone: known.phoneNumber ?? "",
    name: known.name ?? "",
    email: known.email ?? "",
    type: "informational",
    // Whoever has not written within a day gets a template on WhatsApp, and nothing else.
    way: channel === "wmsg" ? "template" : "instruction",
    instruction: "",
    template: null,
    values: {},
    assistantId: "",
    sendAt: "",
  };
}
