/** Options written once, as annotated record components: read from YAML, checked, overridden, printed, tabulated. */
@NullMarked
package dev.reflux.jobs.pipeline.options;

import org.jspecify.annotations.NullMarked;
