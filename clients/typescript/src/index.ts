import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./schema.d.ts";

export type { components, paths } from "./schema.d.ts";
export const PATH = "/officeflow/api/v1";

/** A client of OfficeFlow's API at `address`, such as `https://airflow.example.com`; without a token it uses the browser's sign-in. */
export function officeflow(address: string, token?: string): Client<paths> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return createClient<paths>({ baseUrl: `${address}${PATH}`, headers, credentials: "same-origin" });
}
