/** The pipeline file: its settings as records, its reader, its printed form, and the way from settings to specs. */
@NullMarked
package dev.reflux.jobs.pipeline;

import org.jspecify.annotations.NullMarked;
