// Package rehearsal asks two configurations what they answer to a few hundred test messages, and judges the answers: of
// today's configuration, and of the one that a plan would render.
//
// The matrix of a server is made from its facts ([Cells]): who connects (strangers, domain controllers, clients in
// mynetworks), on which port, with which login, from which sender to which recipient. A [Play] answers it; a private
// Postfix does, see package privatepostfix. What the plan has to answer follows from what today's configuration
// answers and from what the rules say of the message (package rules): a refusal, an acceptance, or the same as today.
// An answer that is neither expected nor explained by something else that refuses today is wrong, and stops an apply.
//
// [Compare] does the same for one message, and says which restriction decided, where that is set, and what would change
// the verdict.
package rehearsal
