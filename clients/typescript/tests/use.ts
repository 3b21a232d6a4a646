// Prints what the API at the first argument says of the token that is the second, and of one that does not hold.
import { officeflow, type components } from "../src/index.ts";

const [address = "", token = ""] = process.argv.slice(2);
const { data } = await officeflow(address, token).GET("/me");
const me: components["schemas"]["Me"] | undefined = data;
const refused = await officeflow(address, "oft_wrong").GET("/me");
const problem: components["schemas"]["ProblemDocument"] | undefined = refused.error;
console.log(JSON.stringify({ actor: me?.actor, refused: refused.response.status, code: problem?.code }));
