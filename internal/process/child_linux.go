package process

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel end the child when the parent ends.
func endWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
