/** The subcommands, one class each. */
@NullMarked
package dev.reflux.service.commands;

import org.jspecify.annotations.NullMarked;
