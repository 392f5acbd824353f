/** What the matrix gives the person who is signed in (D-491): the desk shows no place that the server would refuse. */

import { MATRIX, type Route } from "../client/src/generated/matrix.ts";
import { signedIn } from "../shell/phone.ts";

export const may = (route: Route): boolean => MATRIX[route].includes(String(signedIn.value?.role ?? 0));
