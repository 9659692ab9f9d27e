/** What a running job has come to, and its view in a terminal. */
@NullMarked
package dev.reflux.service.progress;

import org.jspecify.annotations.NullMarked;
