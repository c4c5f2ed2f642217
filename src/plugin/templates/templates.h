/* The texts that `new` starts from, made of the files in this folder by tools/embed.py.
 *
 * Shapes: ASCII below 128 each, so plain in `char`; `@word@` stands for a value. */
#ifndef PLUGIN_TEMPLATES_TEMPLATES_H
#define PLUGIN_TEMPLATES_TEMPLATES_H

extern const char template_manifest_toml[];
extern const char template_readme_md[];
extern const char template_about_writes_md[];
extern const char template_about_scheduled_call_md[];
extern const char template_about_request_md[];
extern const char template_process_writes_py[];
extern const char template_process_scheduled_call_py[];
extern const char template_process_request_py[];

#endif
