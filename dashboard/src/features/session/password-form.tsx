import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Me } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { PasswordInput } from "@/features/session/password-input";
import { errorText } from "@/lib/error-text";
import { api, ApiError } from "@/lib/http";
import { useT } from "@/lib/i18n";

export function PasswordForm({ onSignedIn }: { onSignedIn: (me: Me) => Promise<void> }) {
  const t = useT();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () =>
      api.post<Me>("/api/v1/session", { email: email.trim(), password }, { anonymous: true }),
    onSuccess: onSignedIn,
  });
  const refused = signIn.error instanceof ApiError ? signIn.error : null;
  const error =
    refused?.status === 401
      ? t("session.wrong_password")
      : refused?.status === 429
        ? t("session.too_many", { count: Math.ceil(refused.retryAfter ?? 30) })
        : signIn.error && errorText(signIn.error);
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!signIn.isPending) signIn.mutate();
      }}
    >
      <Field label={t("session.email")}>
        {(control) => (
          <Input
            {...control}
            type="email"
            name="email"
            autoComplete="username"
            inputMode="email"
            required
            // The page's one purpose is this form.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            dir="ltr"
            className="h-10"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("session.password")} error={error}>
        {(control) => (
          <PasswordInput
            {...control}
            name="password"
            autoComplete="current-password"
            required
            dir="ltr"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={signIn.isPending}>
        {t("session.sign_in")}
      </Button>
    </form>
  );
}
