/* The two streams: mode, colours, buffering, and failures to write.
 *
 * Source: docs/cli.md, "Output modes".
 * Ownership: the output owns its buffers until output_release.
 * Errors: nothing here fails at once; the first failure of a stream is kept, and
 *   output_finish turns it into an exit status. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/buf.h"

enum stream { STREAM_OUT, STREAM_ERR, STREAM_COUNT };

/* What a piece of text is, for its colour. */
enum style { STYLE_ERROR, STYLE_WARNING, STYLE_ADVICE, STYLE_PLACE, STYLE_STRONG };

struct output {
    bool is_json;       /* the result's mode */
    bool is_error_json; /* the errors' */
    bool has_color[STREAM_COUNT];
    struct buf buffers[STREAM_COUNT];
    int write_error[STREAM_COUNT]; /* errno, 0 if all went well */
    bool has_written[STREAM_COUNT];
    bool is_memory_out;
    struct str cwd; /* paths below it are shown relative; may be empty */
};

/* Looks at the environment and at what the streams are. The options are values of
 * --output, absent if there is none: that of the parsed arguments, and the first that
 * stands anywhere. */
void output_init(struct output *output, struct str result_option,
                 struct str error_option);
void output_release(struct output *output);

/* From here on an error is being told: its mode holds. */
void output_turn_to_error(struct output *output);

/* Where to append; output_flush writes it out, output_flush_some once there is much. */
struct buf *output_on(struct output *output, enum stream stream);
void output_flush(struct output *output, enum stream stream);
void output_flush_some(struct output *output, enum stream stream);

/* Between these the text has the style's colour, if the stream has colours. */
void output_begin_style(struct output *output, enum stream stream, enum style style);
void output_end_style(struct output *output, enum stream stream);

/* Text from outside, safe for a terminal: control characters and bytes that are not
 * UTF-8 are escaped. */
void output_escaped(struct buf *out, struct str text);

/* The same for a path, relative where it lies below the working directory, and for a
 * message, in which such paths may stand. */
void output_path(const struct output *output, struct buf *out, struct str path);
void output_message(const struct output *output, struct buf *out, struct str message);

/* Writes all out. The exit status: `status`, or 1 with a message on standard error
 * where possible if anything could not be written. */
int output_finish(struct output *output, int status);

#endif
