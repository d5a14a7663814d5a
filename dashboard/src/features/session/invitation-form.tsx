import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Me } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { PasswordInput } from "@/features/session/password-input";
import { SHORTEST_PASSWORD } from "@/features/session/password-rules";
import { useEnter } from "@/features/session/use-enter";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";

export interface InvitationFormProps {
  token: string;
  email: string;
  name: string;
}

export function InvitationForm({ token, email, name: given }: InvitationFormProps) {
  const t = useT();
  const [name, setName] = useState(given);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const enter = useEnter("/inbox");
  const join = useMutation({
    mutationFn: () =>
      api.post<Me>("/api/v1/invitation", { token, name: name.trim(), password }, { anonymous: true }),
    onSuccess: enter,
  });
  const has = Array.from(password).length;
  const nameless = name.trim() === "";
  const short = has < SHORTEST_PASSWORD;
  return (
    <form
      noValidate
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!nameless && !short && !join.isPending) join.mutate();
      }}
    >
      {/* For the browser's keeper of passwords. */}
      <input type="text" name="email" autoComplete="username" value={email} readOnly hidden />
      <Field label={t("session.invitation_name")} error={tried && nameless ? t("session.invitation_name_missing") : null}>
        {(control) => (
          <Input
            {...control}
            autoComplete="name"
            maxLength={200}
            className="h-10"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field
        label={t("session.invitation_password")}
        description={t("session.invitation_rules", { count: SHORTEST_PASSWORD })}
        error={
          tried && short
            ? t("session.invitation_too_short", { count: SHORTEST_PASSWORD, has })
            : join.error && errorText(join.error)
        }
      >
        {(control) => (
          <PasswordInput
            {...control}
            autoComplete="new-password"
            dir="ltr"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={join.isPending}>
        {t("session.invitation_action")}
      </Button>
    </form>
  );
}
