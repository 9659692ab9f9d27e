/** What a bounded run measured, as JSON and for reading. */
@NullMarked
package dev.reflux.service.report;

import org.jspecify.annotations.NullMarked;
