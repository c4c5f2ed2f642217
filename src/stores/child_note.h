/* What another program said on its standard error, made fit to be shown.
 *
 * Source: docs/publishing.md, "Reporting": never a secret in an error.
 * Shapes: values of environment variables whose names speak of a secret (TOKEN, SECRET,
 *   PASSWORD, KEY, …) become `***`; controls become spaces; white space at both ends is
 *   cut off, and of what is left all but the last 600 bytes. */
#ifndef STORES_CHILD_NOTE_H
#define STORES_CHILD_NOTE_H

/* In place; never longer than before. Where memory is out nothing is left of it. */
void child_note_clean(char *text);

#endif
