/** Tables replayed as events. */
@NullMarked
package dev.reflux.events.csv;

import org.jspecify.annotations.NullMarked;
